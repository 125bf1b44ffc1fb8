package io.weir.standalone.cli.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Line numbers in the server's sentences, which count from the start of a request where the reader counts in a file. */
final class LineNumbers {

    private static final Pattern LINE = Pattern.compile("\\b([Ll]ine )(\\d{1,9})\\b");
    private static final Pattern DROPPED = Pattern.compile("\\bdropped=(\\d{1,9})\\b");

    private LineNumbers() {}

    /** {@code sentence} with {@code shift} added to each number after the word "line". */
    static String shift(String sentence, long shift) {
        return LINE.matcher(sentence)
                .replaceAll(
                        found -> Matcher.quoteReplacement(found.group(1) + (Long.parseLong(found.group(2)) + shift)));
    }

    /** How many points InfluxDB 1's wording says were dropped, or 0. */
    static long dropped(String sentence) {
        Matcher matcher = DROPPED.matcher(sentence);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
