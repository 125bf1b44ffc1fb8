package io.weir.standalone.cli.demo;

/** Writes one line of line protocol; numbers with a fixed number of decimals, by integer arithmetic. */
final class LineBuilder {

    private final StringBuilder line = new StringBuilder(160);
    private boolean hasField;

    LineBuilder(String series) {
        line.append(series).append(' ');
    }

    LineBuilder decimal(String field, double value, int decimals) {
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        long scaled = StrictMath.round(value * scale);
        name(field);
        if (scaled < 0) {
            line.append('-');
        }
        line.append(Math.abs(scaled) / scale);
        String fraction = Long.toString(Math.abs(scaled) % scale);
        if (decimals > 0) {
            line.append('.').append("0".repeat(decimals - fraction.length())).append(fraction);
        }
        return this;
    }

    LineBuilder integer(String field, long value) {
        name(field).append(value).append('i');
        return this;
    }

    LineBuilder bool(String field, boolean value) {
        name(field).append(value);
        return this;
    }

    LineBuilder text(String field, String value) {
        name(field).append('"').append(value).append('"');
        return this;
    }

    String at(long seconds) {
        return line.append(' ').append(seconds).append('\n').toString();
    }

    private StringBuilder name(String field) {
        line.append(hasField ? "," : "").append(field).append('=');
        hasField = true;
        return line;
    }
}
