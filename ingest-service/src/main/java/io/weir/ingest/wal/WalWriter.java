package io.weir.ingest.wal;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.wal.FrameFormat.FrameHeader;
import io.weir.ingest.wal.SegmentOpener.OpenSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes groups of appends into segments, syncs, publishes. Owned by one thread.
 *
 * <pre>
 *   each append of a group   measure → next segment if it does not fit → frame into the buffer: unsettled
 *   settle                   write the buffer → publish what waits for no sync → sync → publish the rest;
 *                            a segment made for one large append is left at once
 *   next segment             settle → sync → seal the old one → open
 * </pre>
 *
 * <p>Appends are published and completed in sequence order, so one that waits for no sync still waits for those before
 * it that do.
 *
 * <p>One rule covers every failure of the device. When a write or a sync fails, all unsettled appends fail, for nobody
 * knows how much of them is on the device. The segment is sealed by an end frame where the first of them began, so that
 * a replay does not bring them back (best effort: if that write fails too, some may come back, each as a whole). The
 * segment is never written again, and is removed instead of reused once it is free; the next append opens another.
 * Sequence numbers of failed appends are not used again.
 */
final class WalWriter {

    private static final Logger log = LoggerFactory.getLogger(WalWriter.class);

    private final WalSettings settings;
    private final SegmentOpener opener;
    private final WalMeta meta;
    private final WalListener listener;
    private final LongSupplier nanoTime;
    private final WalCounters counters;
    private final FrameOutput out;
    private final WalBatchEncoder encoder = new WalBatchEncoder();
    private final List<PendingAppend> unsettled = new ArrayList<>();

    private @Nullable OpenSegment active;
    private long nextSequence;
    private boolean unsynced;
    private long unsyncedSinceNanos;
    private boolean down;

    WalWriter(
            WalSettings settings,
            SegmentOpener opener,
            WalMeta meta,
            long nextSequence,
            WalListener listener,
            LongSupplier nanoTime,
            WalCounters counters) {
        this.settings = settings;
        this.opener = opener;
        this.meta = meta;
        this.nextSequence = nextSequence;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.counters = counters;
        this.out = new FrameOutput(meta.walId(), settings.segmentSize().toBytes());
    }

    /** Finishes every append of the group, one way or the other. Throws nothing. */
    void commit(List<PendingAppend> group) {
        for (PendingAppend pending : group) {
            try {
                write(pending);
            } catch (WalFormatException e) {
                log.error(
                        "an append to {} cannot be logged: {}", pending.append().database(), e.getMessage());
                pending.fail(
                        new WeirException(CommonError.INTERNAL, "the rows cannot be logged: " + e.getMessage(), e));
            } catch (Throwable e) {
                abandon(e);
                pending.fail(unavailable(e));
            }
        }
        try {
            settle();
        } catch (Throwable e) {
            abandon(e);
        }
    }

    private void write(PendingAppend pending) throws IOException, WalFormatException {
        WalAppend append = pending.append();
        List<ColumnBatch> batches = append.batches();
        encoder.reset();
        String organisation = append.database().organisation();
        String database = append.database().database();
        long[] sizes = new long[batches.size()];
        WriteKey key = append.key();
        long body = WalBatchEncoder.nameBytes(organisation) + WalBatchEncoder.nameBytes(database);
        body += key == null ? 0 : WriteKeyCodec.bytes(key);
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = measure(batches.get(i));
            body += sizes[i];
        }
        if (body > FrameFormat.MAX_BODY_BYTES) {
            pending.fail(new WeirException(
                    CommonError.BODY_TOO_LARGE, "one write of " + body + " bytes (expected: less than 2 GB)"));
            return;
        }
        OpenSegment segment = segmentFor(FrameFormat.frameBytes(body));
        pending.place(nextSequence, out.position());
        unsettled.add(pending);
        nextSequence += sizes.length;
        out.startFrame(
                segment.lease().number(),
                new FrameHeader(
                        pending.baseSequence(),
                        (int) body,
                        sizes.length,
                        key == null ? FrameFormat.KIND_APPEND : FrameFormat.KIND_KEYED_APPEND));
        WalBatchEncoder.writeName(organisation, out);
        WalBatchEncoder.writeName(database, out);
        if (key != null) {
            WriteKeyCodec.write(key, out);
        }
        for (int i = 0; i < sizes.length; i++) {
            encoder.write(batches.get(i), sizes[i], out);
        }
        out.endFrame();
    }

    private long measure(ColumnBatch batch) throws WalFormatException {
        try {
            return encoder.measure(batch);
        } catch (RuntimeException e) {
            throw new WalFormatException("measurement " + batch.measurement() + ": " + e);
        }
    }

    private OpenSegment segmentFor(long frameBytes) throws IOException {
        OpenSegment segment = active;
        if (segment != null && segment.fits(out.position(), frameBytes)) {
            return segment;
        }
        if (segment != null) {
            settle();
        }
        OpenSegment full = active; // none when settling left it
        if (full != null) {
            syncIfUnsynced();
            retire(full);
        }
        OpenSegment opened = opener.open(nextSequence, frameBytes);
        out.begin(opened.file(), opened.lease().bytes());
        active = opened;
        down = false;
        return opened;
    }

    /** Makes everything written as durable as it asked to be, and publishes it. */
    private void settle() throws IOException {
        OpenSegment segment = active;
        if (segment == null || unsettled.isEmpty()) {
            return;
        }
        out.flush();
        if (!unsynced) {
            unsynced = true;
            unsyncedSinceNanos = nanoTime.getAsLong();
        }
        int settled = 0;
        while (settled < unsettled.size() && !waitsForSync(unsettled.get(settled))) {
            publish(unsettled.get(settled++), segment.lease());
        }
        unsettled.subList(0, settled).clear();
        if (!unsettled.isEmpty()) {
            sync(segment);
            unsettled.forEach(pending -> publish(pending, segment.lease()));
            unsettled.clear();
        }
        if (segment.isOversized(settings)) {
            // Nothing fits into it any more, and alone it may fill the log: it goes as soon as its rows are in files.
            syncIfUnsynced();
            retire(segment);
        }
    }

    private boolean waitsForSync(PendingAppend pending) {
        return settings.sync() != SyncMode.ASYNC && pending.append().ack() == WalAck.SYNCED;
    }

    private void publish(PendingAppend pending, SegmentLease lease) {
        WalAppend append = pending.append();
        int batches = append.batches().size();
        counters.appended(batches, pending.ageNanos());
        try {
            listener.durable(append, lease.hold(pending.baseSequence(), batches));
            Thread.interrupted(); // a listener that interrupts itself must not close the segment
        } catch (Throwable e) {
            log.error("the append with sequence {} is durable but cannot be published", pending.baseSequence(), e);
            pending.fail(new WeirException(
                    CommonError.INTERNAL, "the rows are stored but not visible before the next start", e));
            return;
        }
        pending.complete();
    }

    private void sync(OpenSegment segment) throws IOException {
        long started = nanoTime.getAsLong();
        segment.file().sync(settings.sync() == SyncMode.FSYNC);
        counters.synced(nanoTime.getAsLong() - started);
        unsynced = false;
    }

    private void syncIfUnsynced() throws IOException {
        OpenSegment segment = active;
        if (unsynced && segment != null) {
            sync(segment);
        }
    }

    /** Nanoseconds until data that no append waits for must be synced, or {@code Long.MAX_VALUE}. */
    long nanosUntilSync() {
        return unsynced
                ? Math.max(0, unsyncedSinceNanos + settings.syncInterval().toNanos() - nanoTime.getAsLong())
                : Long.MAX_VALUE;
    }

    /** Syncs data that has waited for the sync interval. Throws nothing. */
    void syncIfDue() {
        if (unsynced && nanosUntilSync() == 0) {
            try {
                syncIfUnsynced();
            } catch (Throwable e) {
                log.error("appends acknowledged before their sync may not survive a crash of the machine", e);
                abandon(e);
            }
        }
    }

    private void abandon(Throwable cause) {
        counters.failed();
        OpenSegment segment = active;
        if (segment != null) {
            log.error(
                    "the write-ahead log leaves segment {} after a failure",
                    segment.lease().number(),
                    cause);
            long end = unsettled.isEmpty() ? out.position() : unsettled.get(0).position();
            segment.lease().condemn();
            try {
                seal(segment, end);
            } catch (IOException | RuntimeException e) {
                log.error("{} failed appends may come back at the next start", unsettled.size(), e);
            }
            retire(segment);
        } else if (!down) {
            down = true;
            log.error("the write-ahead log cannot open a segment; appends fail until it can", cause);
        }
        unsettled.forEach(pending -> pending.fail(unavailable(cause)));
        unsettled.clear();
    }

    private void seal(OpenSegment segment, long position) throws IOException {
        if (segment.fits(position, FrameFormat.FRAME_HEADER_BYTES)) {
            ByteBuffer end = ByteBuffer.allocate(FrameFormat.FRAME_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            FrameFormat.putFrameHeader(
                    end,
                    meta.walId(),
                    segment.lease().number(),
                    new FrameHeader(nextSequence, 0, 0, FrameFormat.KIND_END));
            FrameOutput.writeFully(segment.file(), end.flip(), position);
            segment.file().sync(false);
        }
    }

    /** Writes no more to the segment. */
    private void retire(OpenSegment segment) {
        active = null;
        unsynced = false;
        try {
            segment.file().close();
        } catch (IOException e) {
            log.warn("segment {} cannot be closed", segment.lease().number(), e);
        }
        segment.lease().ended(nextSequence);
        segment.lease().release();
    }

    private static WeirException unavailable(Throwable cause) {
        return new WeirException(
                CommonError.STORAGE_UNAVAILABLE,
                "the write-ahead log cannot write to its disk; nothing was stored",
                cause);
    }

    /**
     * Syncs and closes; afterwards nothing may be committed. Throws nothing.
     *
     * @return the segment that was being written, with the log's own claim on it, which is the caller's from here on
     */
    @Nullable
    SegmentLease close() {
        OpenSegment segment = active;
        try {
            syncIfUnsynced();
            meta.close(nextSequence);
        } catch (IOException | RuntimeException e) {
            log.error("the write-ahead log did not stop cleanly", e);
        }
        active = null;
        if (segment != null) {
            try {
                segment.file().close();
            } catch (IOException e) {
                log.warn("segment {} cannot be closed", segment.lease().number(), e);
            }
        }
        return segment == null ? null : segment.lease();
    }
}
