package io.weir.standalone.cli.client;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a file to be imported may be, by the name the server has for it. */
public enum ImportFormat {
    /** CSV with a header row. */
    csv,

    /** Line protocol. */
    lp,

    /** Parquet. */
    parquet;

    private static final Set<String> COMPRESSIONS = Set.of("gz", "zst", "lz4");

    /** The format that the ending of a file's name tells, before that of a compression. */
    public static Optional<ImportFormat> ofName(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        if (dot > 0 && COMPRESSIONS.contains(name.substring(dot + 1))) {
            name = name.substring(0, dot);
        }
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "csv" -> Optional.of(csv);
            case "lp" -> Optional.of(lp);
            case "parquet" -> Optional.of(parquet);
            default -> Optional.empty();
        };
    }

    /** What one of its rows is called. */
    public String row() {
        return this == parquet ? "row" : "line";
    }
}
