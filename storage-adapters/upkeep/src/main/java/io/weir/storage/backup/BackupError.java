package io.weir.storage.backup;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** Why there is no backup, or nothing was restored. */
public enum BackupError implements ErrorCode {
    /** There is no such backup at that place. */
    BACKUP_NOT_FOUND("backup-not-found", ErrorKind.CLIENT, 404, "Backup not found"),
    /** A file of the backup is missing, or is not what it was when it was put there. */
    BACKUP_DAMAGED("backup-damaged", ErrorKind.EXTERNAL, 503, "Backup is damaged"),
    /** A later program made it. */
    BACKUP_TOO_NEW("backup-too-new", ErrorKind.CLIENT, 422, "Backup is newer than this program"),
    /** A file that is to be restored is here already, with other content. */
    RESTORE_CONFLICT("restore-conflict", ErrorKind.CLIENT, 409, "Another file of that name is here"),
    /** Somebody reads or writes what is to be replaced. */
    SERVERS_RUNNING("servers-running", ErrorKind.CLIENT, 409, "Servers are running");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    BackupError(String id, ErrorKind kind, int status, String title) {
        this.id = id;
        this.kind = kind;
        this.status = status;
        this.title = title;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ErrorKind kind() {
        return kind;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }
}
