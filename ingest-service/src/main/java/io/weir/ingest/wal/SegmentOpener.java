package io.weir.ingest.wal;

import io.weir.ingest.wal.FrameFormat.SegmentHeader;
import java.io.IOException;

/**
 * Opens one segment after the other for writing. When {@link #open} returns, the file has its final name for good and
 * its header is written, though not yet synced: the sync of the first frame covers it. Owned by the thread of the log.
 */
final class SegmentOpener {

    private final WalFileSystem files;
    private final WalSettings settings;
    private final SegmentPool pool;
    private final WalMeta meta;
    private long nextNumber;

    /** A segment open for writing. */
    record OpenSegment(WalFile file, SegmentLease lease) {

        /** Whether a frame of that size fits at {@code position}. */
        boolean fits(long position, long frameBytes) {
            return position + frameBytes <= lease.bytes();
        }

        /** Whether it was made for one append alone that is larger than a segment. */
        boolean isOversized(WalSettings settings) {
            return lease.bytes() > settings.segmentSize().toBytes();
        }
    }

    SegmentOpener(WalFileSystem files, WalSettings settings, SegmentPool pool, WalMeta meta, long nextNumber) {
        this.files = files;
        this.settings = settings;
        this.pool = pool;
        this.meta = meta;
        this.nextNumber = nextNumber;
    }

    /** The next segment, with room for a first frame of that size; sequence numbers start at {@code nextSequence}. */
    OpenSegment open(long nextSequence, long frameBytes) throws IOException {
        meta.reserve(nextSequence);
        long bytes = settings.segmentSize().toBytes();
        long wanted = FrameFormat.SEGMENT_HEADER_BYTES + frameBytes;
        String name = SegmentPool.fileName(nextNumber, SegmentPool.SEGMENT_SUFFIX);
        WalFile file = wanted <= bytes ? openSpare(name) : files.create(name);
        nextNumber++;
        try {
            SegmentHeader header = new SegmentHeader(
                    FrameFormat.VERSION, meta.walId(), nextNumber - 1, nextSequence, Math.max(bytes, wanted));
            FrameOutput.writeFully(file, FrameFormat.segmentHeader(header), 0);
            files.syncDirectory();
        } catch (IOException | RuntimeException e) {
            discard(name, file, e);
            throw e;
        }
        return new OpenSegment(file, pool.lease(nextNumber - 1, name, Math.max(bytes, wanted), nextSequence));
    }

    private WalFile openSpare(String name) throws IOException {
        String spare = pool.take();
        try {
            files.rename(spare, name);
        } catch (IOException | RuntimeException e) {
            pool.giveBack(spare);
            throw e;
        }
        return files.open(name);
    }

    private void discard(String name, WalFile file, Exception cause) {
        try {
            file.close();
            files.delete(name);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
