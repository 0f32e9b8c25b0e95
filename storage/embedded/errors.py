"""What can go wrong with embedded stores: always one line that says what to do."""


class EmbeddedStoreError(Exception):
    """An embedded store cannot run. The message is one line, fit for a terminal."""


class DataFolderBusyError(EmbeddedStoreError):
    """Another process holds the data folder.

    Attributes:
        pid: the holder's process id, or None when it could not be read.
    """

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid
