package io.weir.query.result.compress;

import java.util.List;
import java.util.Locale;

/** The ways in which a result may be compressed. */
public enum ResultCompression {
    /** Not at all. */
    NONE("identity"),
    /** Zstandard (RFC 8878). */
    ZSTD("zstd"),
    /** gzip (RFC 1952). */
    GZIP("gzip");

    private final String token;

    ResultCompression(String token) {
        this.token = token;
    }

    /** The word for it in headers. */
    public String token() {
        return token;
    }

    /**
     * The compression that the values of {@code Accept-Encoding} headers like most, zstd among equals, none when they name
     * neither: {@code *} asks for nothing in particular, so it is answered with nothing in particular.
     */
    public static ResultCompression accepted(List<String> headers) {
        ResultCompression best = NONE;
        double bestQuality = 0;
        for (String header : headers) {
            for (String item : header.split(",", -1)) {
                String[] parts = item.split(";", 2);
                ResultCompression named = named(parts[0].trim().toLowerCase(Locale.ROOT));
                double quality = parts.length == 1 ? 1 : quality(parts[1].trim());
                boolean isBetter = quality > bestQuality || (quality == bestQuality && named == ZSTD);
                if (named != NONE && quality > 0 && isBetter) {
                    best = named;
                    bestQuality = quality;
                }
            }
        }
        return best;
    }

    private static ResultCompression named(String token) {
        return switch (token) {
            case "zstd" -> ZSTD;
            case "gzip", "x-gzip" -> GZIP;
            default -> NONE;
        };
    }

    /** The weight {@code q=0.5}; 0, which is never, for anything else. */
    private static double quality(String parameter) {
        if (!parameter.matches("[qQ]=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
            return 0;
        }
        return Double.parseDouble(parameter.substring(2));
    }
}
