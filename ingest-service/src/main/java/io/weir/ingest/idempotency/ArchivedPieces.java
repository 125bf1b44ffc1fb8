package io.weir.ingest.idempotency;

import io.weir.ingest.wal.WriteKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which keys of pieces the catalog has, and which of them it may forget: those that the log cannot bring back any more, but
 * the last one of a whole only when the whole has ended, for that one says where to go on. One entry a whole at work or
 * lately ended. Not thread-safe.
 */
final class ArchivedPieces {

    private final Map<KeyName, Whole> wholes = new HashMap<>();

    private static final class Whole {
        long last;
        long forgottenBefore;
        boolean ended;
    }

    /** The catalog has a piece of that whole, which is in the log at that place. */
    void archived(KeyName whole, long sequence) {
        reached(whole, sequence);
    }

    private Whole reached(KeyName name, long sequence) {
        Whole whole = wholes.computeIfAbsent(name, unknown -> new Whole());
        whole.last = Math.max(whole.last, sequence);
        return whole;
    }

    /** No piece of that whole follows; its last one is at that place. */
    void ended(KeyName whole, long last) {
        reached(whole, last).ended = true;
    }

    /** What may be forgotten now that the log begins at that sequence, and was not before. */
    List<OldPieces> old(long oldestSequence) {
        List<OldPieces> old = new ArrayList<>();
        wholes.forEach((name, whole) -> {
            long before = whole.ended ? oldestSequence : Math.min(oldestSequence, whole.last);
            if (before > whole.forgottenBefore) {
                old.add(new OldPieces(name.database(), name.text(), WriteKey.partPrefix(name.text()), before));
            }
        });
        return old;
    }

    /** The catalog has forgotten those. */
    void forgotten(OldPieces pieces) {
        KeyName name = new KeyName(pieces.database(), pieces.whole());
        Whole whole = wholes.get(name);
        if (whole != null) {
            whole.forgottenBefore = pieces.beforeSequence();
            if (whole.ended && whole.forgottenBefore > whole.last) {
                wholes.remove(name);
            }
        }
    }
}
