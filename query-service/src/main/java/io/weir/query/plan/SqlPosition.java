package io.weir.query.plan;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Where in a statement something is, as people count: the parser counts bytes of UTF-8 from 0. */
final class SqlPosition {

    private SqlPosition() {}

    /** " at line 1, column 8", or nothing when the position is not inside the statement. */
    static String phrase(String sql, long startByte) {
        int at = character(sql, startByte);
        if (at < 0) {
            return "";
        }
        int line = 1;
        int column = 1;
        for (int i = 0; i < at; i++) {
            column = sql.charAt(i) == '\n' ? 1 : column + 1;
            line += sql.charAt(i) == '\n' ? 1 : 0;
        }
        return " at line " + line + ", column " + column;
    }

    /** {@code position}, the number of the character from 1, or nothing. */
    static Map<String, Object> context(String sql, long startByte) {
        int at = character(sql, startByte);
        return at < 0 ? Map.of() : Map.of("position", at + 1);
    }

    private static int character(String sql, long startByte) {
        byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
        if (startByte < 0 || startByte > bytes.length) {
            return -1;
        }
        return new String(bytes, 0, (int) startByte, StandardCharsets.UTF_8).length();
    }
}
