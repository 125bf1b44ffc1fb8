package io.weir.ingest.wal;

import io.weir.ingest.wal.RecoveryReport.QuarantinedRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects what a recovery finds, logs it as it is found, and keeps copies of what it cannot read. */
final class RecoveryLog {

    static final String FOLDER = "quarantine/";

    /** Number of the segment in the name of a file set aside; any 18 digits are a number. */
    private static final Pattern NUMBER = Pattern.compile(FOLDER + "0*(\\d{1,18})(?!\\d)");

    private static final Logger log = LoggerFactory.getLogger(RecoveryLog.class);

    private final WalFileSystem files;
    private final List<String> messages = new ArrayList<>();
    private final List<QuarantinedRange> quarantined = new ArrayList<>();
    private int segments;
    private long appends;
    private long batches;
    private long bytesCut;

    RecoveryLog(WalFileSystem files) {
        this.files = files;
    }

    void segment() {
        segments++;
    }

    void replayed(int appendedBatches) {
        appends++;
        batches += appendedBatches;
    }

    void say(String message) {
        log.warn("write-ahead log: {}", message);
        messages.add(message);
    }

    void cut(long segment, long from, long to) {
        bytesCut += to - from;
        say("segment " + segment + ": a torn tail of " + (to - from) + " bytes at byte " + from + " was cut");
    }

    /** Copies a damaged range aside. @return false when the copy could not be made */
    boolean quarantine(SegmentScanner scanner, long segment, long from, long to, String reason) {
        String copy = FOLDER + segment + "-" + from + "-" + to + ".bin";
        boolean kept = true;
        try {
            if (!files.exists(copy)) {
                String unfinished = copy + SegmentPool.UNFINISHED_SUFFIX;
                try (WalFile target = files.create(unfinished)) {
                    scanner.copy(from, to, target);
                    target.sync(true);
                }
                files.rename(unfinished, copy);
            }
        } catch (IOException e) {
            log.error("a damaged range of segment {} cannot be copied; the segment is kept", segment, e);
            kept = false;
        }
        say("segment " + segment + ": bytes " + from + " to " + to + " are damaged (" + reason + ") and were "
                + (kept ? "copied to " + copy : "left where they are: no copy could be made"));
        quarantined.add(new QuarantinedRange(segment, from, to, kept ? copy : "", reason));
        return kept;
    }

    /** Moves a whole file aside. */
    void quarantineFile(String name, long segment, long size, String reason) {
        String target = FOLDER + name;
        boolean moved = true;
        try {
            files.rename(name, target);
        } catch (IOException e) {
            log.error("segment {} cannot be moved aside", segment, e);
            moved = false;
        }
        say("segment " + segment + ": " + reason + "; the file was "
                + (moved ? "moved to " + target : "left where it is: it could not be moved"));
        quarantined.add(new QuarantinedRange(segment, 0, size, moved ? target : "", reason));
    }

    /** Highest number of a segment of which something is set aside, or 0: no other segment may have it. */
    long lastSetAside() {
        long last = 0;
        try {
            for (WalFileSystem.StoredFile file : files.list(FOLDER)) {
                Matcher number = NUMBER.matcher(file.name());
                if (number.lookingAt()) {
                    last = Math.max(last, Long.parseLong(number.group(1)));
                }
            }
        } catch (IOException e) {
            say("files set aside earlier cannot be listed: " + e);
        }
        return last;
    }

    /** Removes what was set aside longest ago until the rest has at most that many bytes; the newest always stays. */
    void boundQuarantine(long maxBytes) {
        try {
            List<WalFileSystem.StoredFile> kept = new ArrayList<>(files.list(FOLDER));
            kept.sort(Comparator.comparingLong(WalFileSystem.StoredFile::modifiedMillis)
                    .thenComparing(WalFileSystem.StoredFile::name));
            long bytes =
                    kept.stream().mapToLong(WalFileSystem.StoredFile::bytes).sum();
            for (int i = 0; i < kept.size() - 1 && bytes > maxBytes; i++) {
                files.delete(kept.get(i).name());
                bytes -= kept.get(i).bytes();
                say(kept.get(i).name() + " was removed, " + kept.get(i).bytes()
                        + " bytes set aside earlier, to keep at most " + maxBytes
                        + " bytes of such files (weir.wal.quarantine-size)");
            }
        } catch (IOException e) {
            say("files set aside earlier cannot be listed or removed: " + e);
        }
    }

    RecoveryReport report(UUID walId, long nextSequence) {
        return new RecoveryReport(walId, segments, appends, batches, bytesCut, quarantined, messages, nextSequence);
    }
}
