package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.ServeRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory a server keeps everything in, held by a lock so that two processes never share it. A query replica has only
 * {@code lock}, {@code cache}, {@code work} and {@code spill}, and may lose them.
 *
 * <pre>
 *   lock         held while the server runs
 *   catalog.db   SQLite catalog
 *   wal/         write-ahead log
 *   objects/     Parquet files, unless they are in a remote store
 *   cache/       copies of Parquet files of a remote store
 *   operator-token   the first token, until somebody has put it in a safe place
 *   imports/     files that are imported, and their jobs
 *   work/        files being written; emptied at start
 *   spill/       what queries spill to disk; emptied at start
 * </pre>
 */
final class DataDirectory implements AutoCloseable {

    private static final List<String> OF_ALL = List.of("wal", "objects", "work", "spill");
    private static final List<String> OF_QUERIES = List.of("work", "spill");
    private static final int PROBE_BYTES = 64 << 10;

    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory when it is missing, locks it, proves that it can be written, and empties what a crash left.
     *
     * @throws WeirException {@code configuration} with a sentence that says what is wrong with it
     */
    static DataDirectory open(Path directory) {
        return open(directory, ServeRole.STANDALONE);
    }

    /** The directory of a server of that role; otherwise like {@link #open(Path)}. */
    static DataDirectory open(Path directory, ServeRole role) {
        Path root = directory.toAbsolutePath().normalize();
        try {
            createRoot(root);
            DataDirectory opened = lock(root);
            try {
                opened.prepare(role);
            } catch (IOException | RuntimeException e) {
                opened.close();
                throw e;
            }
            return opened;
        } catch (IOException e) {
            throw new WeirException(CommonError.CONFIGURATION, sentence(root, e), e);
        }
    }

    private static void createRoot(Path root) throws IOException {
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw unusable(root, "is a file, not a directory", null);
        }
        Path parent = root.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw unusable(root, "cannot be made, because " + parent + " does not exist", null);
        }
        Files.createDirectories(root);
    }

    private static DataDirectory lock(Path root) throws IOException {
        FileChannel file = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = file.tryLock();
            if (lock == null) {
                file.close();
                throw unusable(root, "is in use by another Weir process", null);
            }
            return new DataDirectory(root, file);
        } catch (OverlappingFileLockException e) {
            file.close();
            throw unusable(root, "is in use by another server of this process", e);
        }
    }

    private void prepare(ServeRole role) throws IOException {
        for (String name : role == ServeRole.QUERY ? OF_QUERIES : OF_ALL) {
            Files.createDirectories(root.resolve(name));
        }
        empty(work());
        empty(spill());
        Path probe = work().resolve("probe");
        try (FileChannel file = FileChannel.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.delete(probe);
    }

    private static void empty(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(directory)) {
                    Files.delete(path);
                }
            }
        }
    }

    private static String sentence(Path root, IOException failure) {
        String reason = failure instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException || reason.contains("Read-only")) {
            return "the data directory " + root + " cannot be written (expected: a directory this user may write to)";
        }
        if (reason.contains("No space left") || reason.contains("quota")) {
            return "the data directory " + root + " is full (expected: free space for the log and new files)";
        }
        return "the data directory " + root + " cannot be used: " + reason;
    }

    private static WeirException unusable(Path root, String why, @Nullable Throwable cause) {
        return new WeirException(CommonError.CONFIGURATION, "the data directory " + root + " " + why, cause);
    }

    Path root() {
        return root;
    }

    Path catalog() {
        return root.resolve("catalog.db");
    }

    Path wal() {
        return root.resolve("wal");
    }

    Path objects() {
        return root.resolve("objects");
    }

    Path cache() {
        return root.resolve("cache");
    }

    Path operatorToken() {
        return root.resolve("operator-token");
    }

    Path work() {
        return root.resolve("work");
    }

    Path spill() {
        return root.resolve("spill");
    }

    @Override
    public void close() {
        try {
            lockFile.close(); // releases the lock too, and does nothing the second time
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of " + root + " cannot be released", e);
        }
    }
}
