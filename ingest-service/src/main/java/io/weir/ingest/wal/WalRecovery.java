package io.weir.ingest.wal;

import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.ingest.wal.FrameFormat.FrameHeader;
import io.weir.ingest.wal.FrameFormat.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replays what earlier runs left, in sequence order, one frame in memory at a time. Nothing on disk stops it, and it
 * needs no free space: whatever cannot be read is set aside, or left, and reported.
 *
 * <pre>
 * at each position of a segment
 *   intact frame, sequence above all before    replay, go on after it
 *   end frame                                  the segment ends here
 *   else, an intact header further on          quarantine up to there, go on there
 *   else, 40 zero bytes or end of file         the segment ends here
 *   else                                       torn tail: cut it by an end frame, the segment ends here
 * </pre>
 *
 * <p>Recovered segments are never appended to. Each is released like any other, when its batches are.
 */
final class WalRecovery {

    private final WalFileSystem files;
    private final SegmentPool pool;
    private final WalReplayHandler handler;
    private final RecoveryLog found;
    private final long quarantineBytes;
    private final SegmentScanner scanner = new SegmentScanner();
    private long minSequence = 1;
    private long lastNumber;

    /** Where a log goes on after its recovery. */
    record Outcome(RecoveryReport report, WalMeta meta, long nextSegment) {}

    private record Candidate(
            String name, long number, @Nullable SegmentHeader header) {}

    /** @param quarantineBytes most bytes of what is set aside, earlier and now */
    WalRecovery(WalFileSystem files, SegmentPool pool, WalReplayHandler handler, long quarantineBytes) {
        this.files = files;
        this.pool = pool;
        this.handler = handler;
        this.found = new RecoveryLog(files);
        this.quarantineBytes = quarantineBytes;
    }

    /** Replays everything. {@code newIds} makes the identity of a log that has none. */
    Outcome run(Supplier<UUID> newIds) throws IOException {
        WalMeta read = WalMeta.read(files);
        List<Candidate> candidates = candidates();
        WalMeta meta = read;
        if (meta == null) {
            UUID walId = newest(candidates);
            if (walId != null) {
                found.say("the meta file is missing or damaged; the log's identity was taken from its segments");
            } else if (!candidates.isEmpty()) {
                found.say("neither the meta file nor any segment says which log this is; a new one begins");
            }
            meta = WalMeta.missing(files, walId == null ? newIds.get() : walId);
        }
        handler.begin(meta.walId());
        for (Candidate candidate : candidates) {
            found.segment();
            recover(candidate, meta.walId());
        }
        found.boundQuarantine(quarantineBytes);
        syncDirectory();
        long next = Math.max(minSequence, meta.bound());
        if (read == null && !candidates.isEmpty()) {
            next += 2 * WalMeta.RESERVE; // the bound is lost: stay clear of all that may have been below it
        }
        return new Outcome(found.report(meta.walId(), next), meta, lastNumber + 1);
    }

    /** Segment files in ascending order; other files of the log are taken over or removed on the way. */
    private List<Candidate> candidates() throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        lastNumber = found.lastSetAside();
        for (String name : files.list().stream().sorted().toList()) {
            try {
                long number = SegmentPool.fileNumber(name, SegmentPool.SEGMENT_SUFFIX);
                if (number >= 0) {
                    lastNumber = Math.max(lastNumber, number);
                    candidates.add(new Candidate(name, number, header(name, number)));
                } else if (SegmentPool.fileNumber(name, SegmentPool.SPARE_SUFFIX) >= 0) {
                    pool.adopt(name);
                } else if (SegmentPool.fileNumber(name, SegmentPool.UNFINISHED_SUFFIX) >= 0) {
                    files.delete(name);
                }
            } catch (IOException e) {
                found.say("file " + name + " cannot be taken over and is left alone: " + e);
            }
        }
        return candidates;
    }

    private @Nullable SegmentHeader header(String name, long number) throws IOException {
        try (WalFile file = files.open(name)) {
            scanner.begin(file, number);
            return scanner.segmentHeader();
        }
    }

    private static @Nullable UUID newest(List<Candidate> candidates) {
        UUID walId = null;
        for (Candidate candidate : candidates) {
            if (candidate.header() != null) {
                walId = candidate.header().walId();
            }
        }
        return walId;
    }

    private void recover(Candidate candidate, UUID walId) {
        SegmentHeader header = candidate.header();
        long number = candidate.number();
        if (header != null && !header.walId().equals(walId)) {
            found.quarantineFile(candidate.name(), number, header.bytes(), "it belongs to another log");
            return;
        }
        if (header != null && !FrameFormat.canRead(header.version())) {
            String fault =
                    "it has format version " + header.version() + " (expected: at most " + FrameFormat.VERSION + ")";
            found.quarantineFile(candidate.name(), number, header.bytes(), fault);
            return;
        }
        try (WalFile file = files.open(candidate.name())) {
            scanner.begin(file, number);
            SegmentLease lease = pool.lease(number, candidate.name(), scanner.size(), minSequence);
            boolean reclaimable = scanner.size() < FrameFormat.SEGMENT_HEADER_BYTES
                    ? isTooShort(number, scanner.size())
                    : replay(candidate, file, lease, walId);
            lease.ended(minSequence);
            file.sync(false); // a killed process may have left written bytes that never reached the device
            if (reclaimable) {
                lease.release();
            }
        } catch (IOException e) {
            found.say("segment " + number + " cannot be read or synced and is left alone: " + e);
        }
    }

    private void syncDirectory() {
        try {
            if (lastNumber > 0) {
                files.syncDirectory();
            }
        } catch (IOException e) {
            found.say("the directory cannot be synced: " + e);
        }
    }

    private boolean isTooShort(long number, long size) {
        found.say("segment " + number + ": the file has only " + size + " bytes, nothing to replay");
        return true;
    }

    /** Replays one segment. @return whether its file may go once its batches are released */
    private boolean replay(Candidate candidate, WalFile file, SegmentLease lease, UUID walId) throws IOException {
        SegmentHeader header = candidate.header();
        boolean own = header != null && header.number() == candidate.number();
        if (header != null && own) {
            minSequence = Math.max(minSequence, header.firstSequence());
            if (scanner.size() < header.bytes()) {
                found.say("segment " + candidate.number() + ": the file has only " + scanner.size() + " of its "
                        + header.bytes() + " bytes");
            }
        }
        boolean reclaimable = true;
        boolean replayed = false;
        long at = FrameFormat.SEGMENT_HEADER_BYTES;
        while (true) {
            FrameHeader frame = scanner.frameHeader(walId, at);
            if (frame != null && frame.kind() == FrameFormat.KIND_END) {
                minSequence = Math.max(minSequence, frame.baseSequence());
                return reclaimable;
            }
            if (frame != null && frame.baseSequence() >= minSequence && scanner.readBody(at, frame)) {
                reclaimable &= deliver(lease, at, frame);
                minSequence = frame.baseSequence() + frame.batches();
                at += frame.frameBytes();
                replayed = true;
                continue;
            }
            long next = scanner.findFrame(walId, at + Long.BYTES);
            if (next < 0) {
                return end(candidate, file, lease, frame, at, own || replayed, walId) && reclaimable;
            }
            reclaimable &= found.quarantine(scanner, candidate.number(), at, next, fault(frame));
            at = next;
        }
    }

    private String fault(@Nullable FrameHeader frame) {
        if (frame == null) {
            return "there is no frame header";
        }
        return frame.baseSequence() < minSequence
                ? "sequence " + frame.baseSequence() + " comes after " + (minSequence - 1)
                : "the checksum of the frame is wrong";
    }

    /** Ends a segment in which no frame follows {@code at}. @return whether the file may go */
    private boolean end(
            Candidate candidate,
            WalFile file,
            SegmentLease lease,
            @Nullable FrameHeader torn,
            long at,
            boolean written,
            UUID walId) {
        try {
            if (scanner.isEndMark(at)) {
                return true;
            }
            if (!written && candidate.header() != null) {
                return true; // a spare that got its name but was never written
            }
            if (!written) {
                found.quarantineFile(
                        candidate.name(),
                        candidate.number(),
                        scanner.size(),
                        "neither its header nor any frame can be read");
                lease.condemn();
                return !files.exists(candidate.name());
            }
            long to = torn == null ? scanner.contentEnd(at) : Math.min(scanner.size(), at + torn.frameBytes());
            found.cut(candidate.number(), at, to);
            cut(file, candidate.number(), scanner.size(), at, walId);
        } catch (IOException e) {
            found.say("segment " + candidate.number() + ": its tail at byte " + at + " cannot be repaired: " + e);
        }
        return true;
    }

    private void cut(WalFile file, long number, long size, long at, UUID walId) throws IOException {
        if (size - at >= FrameFormat.FRAME_HEADER_BYTES) {
            ByteBuffer end = ByteBuffer.allocate(FrameFormat.FRAME_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            FrameHeader header = new FrameHeader(minSequence, 0, 0, FrameFormat.KIND_END);
            FrameFormat.putFrameHeader(end, walId, number, header);
            FrameOutput.writeFully(file, end.flip(), at);
            file.sync(false);
        }
    }

    /** Hands one frame to the handler. @return whether nothing of it needs to stay in the segment */
    private boolean deliver(SegmentLease lease, long at, FrameHeader frame) {
        long end = at + frame.frameBytes();
        WalAppend append;
        try {
            append = WalBatchDecoder.decode(scanner.body(), 0, frame.bodyBytes(), frame.batches(), frame.kind());
        } catch (WalFormatException e) {
            return found.quarantine(scanner, lease.number(), at, end, String.valueOf(e.getMessage()));
        }
        WalHold hold = lease.hold(frame.baseSequence(), frame.batches());
        try {
            handler.replay(append, hold);
        } catch (WeirException e) {
            if (e.code().kind() != ErrorKind.CLIENT) {
                throw e;
            }
            hold.releaseAll();
            return found.quarantine(scanner, lease.number(), at, end, e.detail());
        }
        found.replayed(frame.batches());
        return true;
    }
}
