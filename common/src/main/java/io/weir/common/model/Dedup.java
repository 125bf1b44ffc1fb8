package io.weir.common.model;

import java.util.Optional;
import java.util.Set;

/** What becomes of the rows of one series and time when files of a measurement are merged. */
public enum Dedup {
    /** All stay. */
    APPEND(1, "append"),
    /** One stays, with the last value of each field. */
    LAST(2, "last");

    private final int code;
    private final String word;

    Dedup(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /** What is stored of it; 0 is stored where nothing was said. */
    public int code() {
        return code;
    }

    /** What people write. */
    public String word() {
        return word;
    }

    /** The one with that {@link #code}; empty for 0. @throws IllegalArgumentException for an unknown code */
    public static Optional<Dedup> ofCode(int code) {
        return switch (code) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(APPEND);
            case 2 -> Optional.of(LAST);
            default -> throw new IllegalArgumentException("unknown code of dedup " + code);
        };
    }

    /** The one with that {@link #word}; empty when there is none. */
    public static Optional<Dedup> ofWord(String word) {
        for (Dedup dedup : values()) {
            if (dedup.word.equals(word)) {
                return Optional.of(dedup);
            }
        }
        return Optional.empty();
    }

    /**
     * What holds for a measurement of which nothing was said.
     *
     * @param lastWins {@code weir.compaction.last-wins}: {@code database/measurement} or {@code database/*}
     */
    public static Dedup asSet(Set<String> lastWins, TableId table) {
        boolean last = lastWins.contains(table.database() + "/" + table.measurement())
                || lastWins.contains(table.database() + "/*");
        return last ? LAST : APPEND;
    }
}
