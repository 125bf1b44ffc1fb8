package io.weir.ingest.wal;

import java.io.IOException;
import java.util.List;

/**
 * The directory of a log, as far as the log needs one. Names are relative to it; a name may have one folder
 * ({@code quarantine/x}), which is made when needed. Thread-safe; the files are not.
 */
public interface WalFileSystem {

    /** Names of the files directly in the directory, in no order; empty when there is no directory yet. */
    List<String> list() throws IOException;

    /** The files directly in a folder of the directory, in no order; empty when there is no such folder. */
    List<StoredFile> list(String folder) throws IOException;

    /**
     * A file of a folder.
     *
     * @param name relative to the directory of the log
     * @param bytes its length
     * @param modifiedMillis when it was last written, milliseconds since 1970
     */
    record StoredFile(String name, long bytes, long modifiedMillis) {}

    /** Makes an empty file, replacing one of that name. */
    WalFile create(String name) throws IOException;

    /** Opens an existing file for reading and writing. @throws java.nio.file.NoSuchFileException when there is none */
    WalFile open(String name) throws IOException;

    /** Whether there is a file of that name. */
    boolean exists(String name) throws IOException;

    /** Renames a file, replacing one that has the new name, atomically. */
    void rename(String from, String to) throws IOException;

    /** Removes a file if it is there. */
    void delete(String name) throws IOException;

    /** Returns when creations, renames and removals so far would survive a crash of the machine. */
    void syncDirectory() throws IOException;
}
