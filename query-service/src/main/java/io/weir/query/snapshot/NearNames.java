package io.weir.query.snapshot;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Picks from known names those a user may have meant. */
final class NearNames {

    private static final int MOST = 3;

    /** No name is longer; a longer one is not worth comparing. */
    private static final int LONGEST = 128;

    private static final int COMPARED = 2_000;

    private NearNames() {}

    /** At most three names, nearest first: within a few edits for its length, or holding it, or held by it. */
    static List<String> of(String wanted, Collection<String> known) {
        if (wanted.length() > LONGEST) {
            return List.of();
        }
        String target = wanted.toLowerCase(Locale.ROOT);
        return known.stream()
                .limit(COMPARED)
                .filter(name -> isNear(target, name.toLowerCase(Locale.ROOT)))
                .sorted(Comparator.<String>comparingInt(name -> edits(target, name.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    private static boolean isNear(String target, String name) {
        int most = target.length() < 4 ? 1 : Math.max(2, target.length() / 3); // two letters swapped are two edits
        return (Math.abs(target.length() - name.length()) <= most && edits(target, name) <= most)
                || (target.length() > 2 && name.contains(target))
                || (name.length() > 2 && target.contains(name));
    }

    /** Levenshtein distance. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
