package io.weir.common.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is known of a file's tags never denies a value that it has. LESSONS 34. */
class FileTagsTest {

    private static final List<String> PARTS =
            List.of("", "a", "b", "z", "\u00e9", "\uff5e", "\ud83d\ude00", "\u0000", "\"");

    private static String text(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(most + 1); parts > 0; parts--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }

    private static TagRange range(TreeSet<String> values) {
        List<String> few = values.size() > TagRange.MOST_VALUES ? List.of() : List.copyOf(values);
        return new TagRange(values.first(), values.last(), true, few);
    }

    private static TreeSet<String> values(Random random) {
        TreeSet<String> values = new TreeSet<>(TagRange::compare);
        int size = 1 + random.nextInt(random.nextBoolean() ? 3 : 40);
        for (int i = 0; i < size; i++) {
            values.add(text(random, 4));
        }
        return values;
    }

    @Test
    void noValueThatIsThereIsDenied() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int denied = 0;
        for (int round = 0; round < 3_000; round++) {
            TreeSet<String> one = values(random);
            TreeSet<String> other = values(random);
            TagRange range = FileTags.decode(FileTags.of(Map.of("t", range(one).union(range(other))))
                            .encode())
                    .ranges()
                    .get("t");
            one.addAll(other);
            String low = text(random, 3);
            String high = text(random, 3);
            for (String value : one) {
                assertThat(range.mayBe(value)).as("seed %d", seed).isTrue();
                boolean within = TagRange.compare(low, value) <= 0 && TagRange.compare(value, high) <= 0;
                assertThat(range.mayLieBetween(low, high) || !within)
                        .as("seed %d", seed)
                        .isTrue();
                assertThat(range.mayBegin(low) || !value.startsWith(low))
                        .as("seed %d", seed)
                        .isTrue();
                assertThat(range.mayLieBetween(null, value) && range.mayLieBetween(value, null))
                        .isTrue();
            }
            denied += range.mayBe(low) ? 0 : 1;
            denied += range.mayLieBetween(low, high) ? 0 : 1;
        }
        assertThat(denied).isGreaterThan(500);
    }

    @Test
    void valuesAreKnownOneByOneWhileThereAreFew() {
        TagRange few = new TagRange("a", "c", true, List.of("a", "c"));
        assertThat(few.mayBe("b")).isFalse();
        assertThat(few.mayLieBetween("a0", "b9")).isFalse();
        assertThat(few.mayBegin("b")).isFalse();
        TagRange many = few.union(new TagRange("m", "n", false));
        assertThat(many).isEqualTo(new TagRange("a", "n", false));
        assertThat(many.mayBe("b")).isTrue();
        assertThat(many.mayBe("o")).isFalse();
    }

    @Test
    void valuesAreOrderedByTheirBytes() {
        TagRange last = new TagRange("\uff5e", "\ud83d\ude00", true);
        assertThat(last.mayBe("\uff60")).isTrue();
        assertThat(last.mayBe("z")).isFalse();
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            String a = text(random, 4);
            String b = text(random, 4);
            int bytes = Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(TagRange.compare(a, b))).isEqualTo(Integer.signum(bytes));
        }
        assertThat(last.union(new TagRange("\ud83d\ude01", "\ud83d\ude01", true))
                        .max())
                .isEqualTo("\ud83d\ude01");
    }

    @Test
    void aTagThatNoRowHasIsDeniedOnlyWhereAllTagsAreKnown() {
        FileTags known = FileTags.of(Map.of("host", new TagRange("a", "b", true)));
        assertThat(known.complete()).isTrue();
        assertThat(known.mayHave("region", range -> true)).isFalse();
        assertThat(FileTags.UNKNOWN.mayHave("region", range -> false)).isTrue();
        FileTags some = FileTags.of(Map.of("host", new TagRange("a", "x".repeat(65), true)));
        assertThat(some).isEqualTo(FileTags.UNKNOWN);
    }

    @Test
    void howMuchIsKeptIsBounded() {
        Map<String, TagRange> tags = new LinkedHashMap<>();
        tags.put(
                "wide",
                new TagRange(
                        "v",
                        "w",
                        true,
                        new ArrayList<>(IntStream.range(0, 16)
                                .mapToObj(n -> "v" + n + "x".repeat(30))
                                .toList())));
        for (int n = 0; n < 500; n++) {
            tags.put("tag" + n, new TagRange("\u0001".repeat(20), "\u0001".repeat(60), n % 2 == 0));
        }
        FileTags kept = FileTags.of(tags);
        assertThat(kept.ranges().get("wide")).isEqualTo(new TagRange("v", "w", true));
        assertThat(kept.ranges().size()).isBetween(10, 40);
        assertThat(kept.complete()).isFalse();
        assertThat(kept.encode().length()).isLessThan(12_000);
        assertThat(FileTags.decode(kept.encode())).isEqualTo(kept);
    }
}
