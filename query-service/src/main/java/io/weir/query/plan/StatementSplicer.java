package io.weir.query.plan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Replaces ranges of a statement's UTF-8 and leaves every other byte as it was sent. */
final class StatementSplicer {

    private final byte[] sql;
    private final Map<Integer, Splice> splices = new TreeMap<>();

    StatementSplicer(byte[] sql) {
        this.sql = sql;
    }

    /** Replaces bytes {@code [start, end)}. Ranges never overlap: each is one token, or one name, of the parser. */
    void replace(int start, int end, String text) {
        splices.put(start, new Splice(end, text));
    }

    boolean isEmpty() {
        return splices.isEmpty();
    }

    /** The statement with all replacements made. */
    String text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(sql.length + 64);
        int from = 0;
        for (Map.Entry<Integer, Splice> entry : splices.entrySet()) {
            out.write(sql, from, entry.getKey() - from);
            byte[] text = entry.getValue().text().getBytes(StandardCharsets.UTF_8);
            out.write(text, 0, text.length);
            from = entry.getValue().end();
        }
        out.write(sql, from, sql.length - from);
        return out.toString(StandardCharsets.UTF_8);
    }

    private record Splice(int end, String text) {}
}
