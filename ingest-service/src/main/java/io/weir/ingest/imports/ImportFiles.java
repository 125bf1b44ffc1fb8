package io.weir.ingest.imports;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directory of imports. Its methods block.
 *
 * <pre>
 *   ID.part    a file that is arriving; removed at start
 *   ID.data    a file that is imported; removed when that ends
 *   ID.json    its job; a file without one is removed at start
 * </pre>
 */
final class ImportFiles {

    private static final Logger LOG = LoggerFactory.getLogger(ImportFiles.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;

    ImportFiles(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory, removes what never became a job, and reads the jobs. */
    List<ImportJob> open() {
        try {
            Files.createDirectories(directory);
            List<ImportJob> jobs = new ArrayList<>();
            try (Stream<Path> paths = Files.list(directory)) {
                for (Path path : paths.toList()) {
                    String name = path.getFileName().toString();
                    if (name.endsWith(".json")) {
                        read(path, jobs);
                    } else if (!name.endsWith(".data") || !Files.exists(job(name.replace(".data", "")))) {
                        Files.delete(path);
                    }
                }
            }
            return jobs;
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of imports cannot be read", e);
        }
    }

    private static void read(Path path, List<ImportJob> jobs) throws IOException {
        try {
            jobs.add(JSON.readValue(Files.readAllBytes(path), ImportJob.class));
        } catch (JacksonException e) {
            LOG.warn("import job {} cannot be read and is left alone", path.getFileName(), e);
        }
    }

    Path arriving(String id) {
        return directory.resolve(id + ".part");
    }

    Path data(String id) {
        return directory.resolve(id + ".data");
    }

    private Path job(String id) {
        return directory.resolve(id + ".json");
    }

    /** Bytes that can still be written. */
    long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    /** Makes an arrived file, which is synced, the file of a job; leaves nothing of it behind when that fails. */
    void accept(ImportJob job) throws IOException {
        Files.move(arriving(job.id()), data(job.id()), StandardCopyOption.ATOMIC_MOVE);
        try {
            save(job);
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
        } catch (IOException e) {
            removeData(job.id());
            removeJob(job.id());
            throw e;
        }
    }

    /** Replaces the state of a job: temporary, sync, rename. */
    void save(ImportJob job) throws IOException {
        Path temporary = directory.resolve(job.id() + ".json.part");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(job));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(temporary, job(job.id()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void removeData(String id) throws IOException {
        Files.deleteIfExists(data(id));
    }

    /** Forgets a file that did not arrive whole. */
    void removeArriving(String id) throws IOException {
        Files.deleteIfExists(arriving(id));
    }

    void removeJob(String id) throws IOException {
        Files.deleteIfExists(job(id));
    }

    /** Fills the buffer from a position, or up to the end of the file. @return bytes read */
    static int read(FileChannel in, long position, ByteBuffer buffer) throws IOException {
        int start = buffer.position();
        int n = 0;
        while (buffer.hasRemaining() && n >= 0) {
            n = in.read(buffer, position + buffer.position() - start);
        }
        return buffer.position() - start;
    }
}
