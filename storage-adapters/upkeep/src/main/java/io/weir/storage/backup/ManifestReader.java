package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.object.Checksum;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Reads a manifest from a file and checks it on the way: what is read to the end is what was written. Blocks; for one thread
 * at a time.
 */
final class ManifestReader implements Closeable {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int LINES_AT_ONCE = 500;

    private final String name;
    private final BufferedReader in;
    private final CRC32C crc = new CRC32C();
    private BackupContents contents = BackupContents.NONE;
    private long lines;
    private boolean ended;

    /** @param name what people call it */
    ManifestReader(Path file, String name) throws IOException {
        this.name = name;
        this.in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file), BUFFER_BYTES), StandardCharsets.UTF_8));
    }

    /**
     * Every line of a manifest, the first and the last included, in lists of some hundred.
     *
     * @param io where it is read
     * @return an error {@code backup-damaged} as soon as it is found out, or {@code backup-too-new}
     */
    static Flux<List<ManifestLine>> lines(Path file, String name, Scheduler io) {
        return Flux.usingWhen(
                Mono.fromCallable(() -> new ManifestReader(file, name))
                        .onErrorMap(IOException.class, e -> damaged(name, e))
                        .subscribeOn(io),
                reader -> Flux.<List<ManifestLine>>generate(sink -> {
                            List<ManifestLine> some = reader.some();
                            if (some.isEmpty()) {
                                sink.complete();
                            } else {
                                sink.next(some);
                            }
                        })
                        .subscribeOn(io),
                reader -> Mono.fromCallable(() -> {
                            reader.close();
                            return true;
                        })
                        .subscribeOn(io));
    }

    private List<ManifestLine> some() {
        List<ManifestLine> some = new ArrayList<>();
        ManifestLine line = next();
        while (line != null) {
            some.add(line);
            line = some.size() == LINES_AT_ONCE ? null : next();
        }
        return some;
    }

    /** The next line; null after the last. */
    private @Nullable ManifestLine next() {
        if (ended) {
            return null;
        }
        try {
            String text = in.readLine();
            if (text == null) {
                throw new IOException("it ends after " + lines + " lines (expected: a last line that says so)");
            }
            ManifestLine line = ManifestJson.read(text);
            check(line);
            crc.update((text + "\n").getBytes(StandardCharsets.UTF_8));
            lines++;
            return line;
        } catch (WeirException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(name, e);
        }
    }

    private void check(ManifestLine line) throws IOException {
        if (lines == 0 != line instanceof ManifestLine.Header) {
            throw new IOException("line " + (lines + 1) + " is not one that can be there");
        }
        if (line instanceof ManifestLine.OfRow of) {
            contents = contents.and(of.row());
        } else if (line instanceof ManifestLine.OfFile of) {
            contents = contents.and(of.row());
        } else if (line instanceof ManifestLine.End end) {
            ended = true;
            if (!end.checksum().equals(Checksum.of(crc)) || !end.contents().equals(contents)) {
                throw new IOException("its lines have the CRC-32C " + Checksum.of(crc) + " and say " + contents
                        + " (expected: " + end.checksum() + ", " + end.contents() + ")");
            }
            if (in.readLine() != null) {
                throw new IOException("it goes on after its last line");
            }
        }
    }

    private static WeirException damaged(String name, Throwable cause) {
        return new WeirException(
                BackupError.BACKUP_DAMAGED, "the manifest " + name + " is damaged: " + cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
