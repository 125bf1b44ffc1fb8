package io.weir.ingest.wal;

import java.util.List;
import java.util.UUID;

/**
 * What the log found when it was opened.
 *
 * @param walId identity of the log; sequence numbers are unique within it
 * @param segments segments found
 * @param appends appends replayed
 * @param batches batches replayed
 * @param bytesCut bytes of half-written appends cut from the ends of segments
 * @param quarantined ranges that could not be replayed
 * @param messages what was skipped or repaired, one sentence each, in the order found; empty after a clean stop
 * @param nextSequence the sequence number the next batch gets
 */
public record RecoveryReport(
        UUID walId,
        int segments,
        long appends,
        long batches,
        long bytesCut,
        List<QuarantinedRange> quarantined,
        List<String> messages,
        long nextSequence) {

    public RecoveryReport {
        quarantined = List.copyOf(quarantined);
        messages = List.copyOf(messages);
    }

    /**
     * Bytes of a segment that could not be replayed and were set aside.
     *
     * @param segment number of the segment
     * @param fromByte first byte
     * @param toByte byte after the last
     * @param file name of the copy, relative to the directory of the log; empty when it could not be made
     * @param reason what is wrong
     */
    public record QuarantinedRange(long segment, long fromByte, long toByte, String file, String reason) {}
}
