package io.weir.query.plan;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds where a possibly qualified name ends in a statement, knowing from the parse tree where it starts and what its
 * parts are: {@code part ["." part]}, each quoted or not, with white space and comments between. What it reads must spell
 * the parts the parser saw.
 */
final class QualifiedNameText {

    private final byte[] sql;
    private int at;

    private QualifiedNameText(byte[] sql, int at) {
        this.sql = sql;
        this.at = at;
    }

    /** Byte after the name that starts at {@code start}, or -1 when the text does not spell those parts. */
    static int end(byte[] sql, int start, List<String> parts) {
        QualifiedNameText text = new QualifiedNameText(sql, start);
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0 && !text.dot()) {
                return -1;
            }
            if (!text.part().equalsIgnoreCase(parts.get(i))) {
                return -1;
            }
        }
        return text.at;
    }

    private boolean dot() {
        skipBlank();
        if (at >= sql.length || sql[at] != '.') {
            return false;
        }
        at++;
        skipBlank();
        return true;
    }

    private String part() {
        return at < sql.length && (sql[at] == '"' || sql[at] == '\'') ? quoted(sql[at]) : plain();
    }

    private String quoted(byte quote) {
        StringBuilder raw = new StringBuilder();
        int from = ++at;
        while (at < sql.length) {
            if (sql[at] == quote) {
                raw.append(new String(sql, from, at - from, StandardCharsets.UTF_8));
                at++;
                if (at >= sql.length || sql[at] != quote) {
                    return raw.toString();
                }
                from = at; // a doubled quote: the second one is part of the name
            }
            at++;
        }
        return "";
    }

    private String plain() {
        int from = at;
        while (at < sql.length && isNameByte(sql[at])) {
            at++;
        }
        return new String(sql, from, at - from, StandardCharsets.UTF_8);
    }

    private static boolean isNameByte(byte b) {
        return b < 0 || b == '_' || b == '$' || (b >= '0' && b <= '9') || ((b | 0x20) >= 'a' && (b | 0x20) <= 'z');
    }

    private void skipBlank() {
        while (at < sql.length) {
            if (sql[at] == ' ' || (sql[at] >= '\t' && sql[at] <= '\r')) {
                at++;
            } else if (starts("--")) {
                while (at < sql.length && sql[at] != '\n') {
                    at++;
                }
            } else if (starts("/*")) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        int depth = 0;
        do {
            if (starts("/*")) {
                depth++;
                at += 2;
            } else if (starts("*/")) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length);
    }

    private boolean starts(String mark) {
        return at + 1 < sql.length && sql[at] == mark.charAt(0) && sql[at + 1] == mark.charAt(1);
    }
}
