"""Why a backup or a restore did not happen."""


class BackupError(Exception):
    """Nothing was changed.

    Attributes:
        code: stable, snake_case: for scripts.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
