package io.weir.query.cache;

import io.weir.query.snapshot.TableVersion;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which of an organisation's results to forget: those that fit everything that is named, all of them when nothing is.
 *
 * @param organisation whose results
 * @param key the id of the one question
 * @param pattern what the statement looks like, where {@code *} stands for anything, without regard to case
 * @param database a database that the question was sent to, or that a measurement it read is in
 * @param measurement a measurement that it read, in that database if one is named
 */
public record Selection(
        String organisation,
        @Nullable String key,
        @Nullable String pattern,
        @Nullable String database,
        @Nullable String measurement) {

    /** Whether it fits a result. */
    boolean selects(CacheKey candidate, CachedResult result) {
        CacheSubject subject = candidate.subject();
        return subject.organisation().equals(organisation)
                && (key == null || key.equals(subject.id()))
                && (pattern == null || isLike(result.sql(), pattern))
                && (measurement == null
                        ? database == null || subject.database().equals(database) || reads(candidate)
                        : reads(candidate));
    }

    private boolean reads(CacheKey candidate) {
        return candidate.versions().stream()
                .map(TableVersion::table)
                .anyMatch(table -> (database == null || table.database().equals(database))
                        && (measurement == null || table.measurement().equals(measurement)));
    }

    /** Matches from left to right, going back to the latest star only, so in bounded time. */
    private static boolean isLike(String text, String pattern) {
        String in = text.toLowerCase(Locale.ROOT);
        String like = pattern.toLowerCase(Locale.ROOT);
        int at = 0;
        int p = 0;
        int star = -1;
        int from = 0;
        while (at < in.length()) {
            if (p < like.length() && like.charAt(p) == '*') {
                star = p++;
                from = at;
            } else if (p < like.length() && like.charAt(p) == in.charAt(at)) {
                p++;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++from;
            } else {
                return false;
            }
        }
        while (p < like.length() && like.charAt(p) == '*') {
            p++;
        }
        return p == like.length();
    }
}
