package io.weir.query.condition;

import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;

/** {@code LIKE}: {@code %} stands for any characters, {@code _} for one. Letter case counts, as in the engine. */
final class LikeTest implements ValueTest {

    private final int[] pattern;

    LikeTest(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    @Override
    public boolean appliesTo(ColumnType type) {
        return type == ColumnType.TAG || type == ColumnType.STRING;
    }

    @Override
    public boolean appliesToTimes() {
        return false;
    }

    @Override
    public boolean ofText(byte[] utf8, int from, int to) {
        return matches(new String(utf8, from, to - from, StandardCharsets.UTF_8)
                .codePoints()
                .toArray());
    }

    /** Goes back to the last {@code %} only, so the time is at most that of all characters times the pattern's. */
    private boolean matches(int[] text) {
        int at = 0;
        int next = 0;
        int any = -1;
        int anyAt = 0;
        while (at < text.length) {
            if (next < pattern.length && pattern[next] == '%') {
                any = next++;
                anyAt = at;
            } else if (next < pattern.length && (pattern[next] == '_' || pattern[next] == text[at])) {
                next++;
                at++;
            } else if (any >= 0) {
                next = any + 1;
                at = ++anyAt;
            } else {
                return false;
            }
        }
        while (next < pattern.length && pattern[next] == '%') {
            next++;
        }
        return next == pattern.length;
    }

    @Override
    public boolean ofLong(long value, boolean unsigned) {
        return false;
    }

    @Override
    public boolean ofDouble(double value) {
        return false;
    }

    @Override
    public boolean ofBoolean(boolean value) {
        return false;
    }

    @Override
    public boolean ofTime(long micros) {
        return false;
    }
}
