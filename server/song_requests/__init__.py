"""Song requests over HTTP: whole queues, and the songs that one may wish for."""
