package io.weir.ingest.imports;

import io.weir.common.compress.DecompressionLimits;
import io.weir.common.compress.Decompressor;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.IngestError;
import io.weir.ingest.idempotency.RequestFingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * A file that is arriving: decompressed, and written to disk as it comes. Holds one scratch array, never the file. Its
 * methods block and exclude one another, so that whichever of success, error and cancel closes it, it is closed once.
 */
final class ImportSpool implements AutoCloseable {

    private static final int SCRATCH_BYTES = 64 << 10;
    private static final long BETWEEN_DISK_CHECKS = 16L << 20;

    private final ImportFiles files;
    private final ImportSettings settings;
    private final String id;
    private final FileChannel out;
    private final Decompressor decompressor;
    private final @Nullable RequestFingerprint fingerprint;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    private long bytes;
    private long checkAt;
    private boolean closed;

    private ImportSpool(
            ImportFiles files,
            ImportSettings settings,
            String id,
            FileChannel out,
            Decompressor decompressor,
            @Nullable RequestFingerprint fingerprint) {
        this.files = files;
        this.settings = settings;
        this.id = id;
        this.out = out;
        this.decompressor = decompressor;
        this.fingerprint = fingerprint;
    }

    /**
     * Opens a spool file with an id of its own.
     *
     * @param encoding the body's content encoding, or null
     * @param length bytes the body is said to have, or -1
     * @param fingerprint is fed the body as sent; or null
     */
    static ImportSpool open(
            ImportFiles files,
            ImportSettings settings,
            @Nullable String encoding,
            long length,
            @Nullable RequestFingerprint fingerprint) {
        String id = UUID.randomUUID().toString();
        Decompressor decompressor = Decompressor.open(
                encoding, DecompressionLimits.ofOutput(settings.maxFile().toBytes()));
        try {
            requireSize(settings, length);
            requireRoom(files, settings, Math.max(0, length));
            Path path = files.arriving(id);
            FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new ImportSpool(files, settings, id, out, decompressor, fingerprint);
        } catch (IOException e) {
            decompressor.close();
            throw unavailable(e);
        } catch (RuntimeException e) {
            decompressor.close();
            throw e;
        }
    }

    /** Id of the import this may become. */
    String id() {
        return id;
    }

    /** Takes and releases one buffer. */
    synchronized void accept(DataBuffer buffer) {
        try {
            while (!closed && buffer.readableByteCount() > 0) {
                int length = Math.min(scratch.length, buffer.readableByteCount());
                buffer.read(scratch, 0, length);
                if (fingerprint != null) {
                    fingerprint.update(scratch, 0, length);
                }
                decompressor.feed(scratch, 0, length, this::write);
            }
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private void write(byte[] from, int offset, int length) {
        bytes += length;
        requireSize(settings, bytes);
        try {
            if (bytes >= checkAt) {
                checkAt = bytes + BETWEEN_DISK_CHECKS;
                requireRoom(files, settings, BETWEEN_DISK_CHECKS);
            }
            ByteBuffer piece = ByteBuffer.wrap(from, offset, length);
            while (piece.hasRemaining()) {
                out.write(piece);
            }
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    /** Ends the body: everything is on disk when this returns. @return bytes of the file */
    synchronized long finish() {
        if (closed) {
            throw new CancellationException("the request is gone");
        }
        decompressor.finish(this::write);
        try {
            out.force(true);
        } catch (IOException e) {
            throw unavailable(e);
        }
        return bytes;
    }

    private static void requireSize(ImportSettings settings, long bytes) {
        long limit = settings.maxFile().toBytes();
        if (bytes > limit) {
            throw new WeirException(
                    CommonError.BODY_TOO_LARGE,
                    "the file is larger than " + limit + " bytes (weir.import.max-file)",
                    Map.of("limit_bytes", limit));
        }
    }

    private static void requireRoom(ImportFiles files, ImportSettings settings, long bytes) throws IOException {
        long free = files.freeBytes();
        if (free - bytes < settings.minFreeDisk().toBytes()) {
            throw new WeirException(
                    IngestError.INSUFFICIENT_STORAGE,
                    "the disk has " + free + " bytes free, too few for this file and the "
                            + settings.minFreeDisk().toBytes() + " that stay free (weir.import.min-free-disk)",
                    Map.of("free_bytes", free));
        }
    }

    private static WeirException unavailable(IOException cause) {
        return new WeirException(CommonError.STORAGE_UNAVAILABLE, "the file cannot be written to disk", cause);
    }

    /** Closes the file, and removes it unless it became that of a job. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        decompressor.close();
        try {
            out.close();
            files.removeArriving(id);
        } catch (IOException e) {
            throw unavailable(e);
        }
    }
}
