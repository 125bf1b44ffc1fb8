package io.weir.common.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeriesCopierTest {

    @Test
    void copiesWhatItWasGivenWhateverIsTakenBackBetween() {
        long seed = System.nanoTime();
        for (int round = 0; round < 300; round++) {
            Random random = new Random(seed + round);
            SeriesTable source = source(random);
            AtomicLong charged = new AtomicLong();
            SeriesTableBuilder target = new SeriesTableBuilder(delta -> {});
            SeriesCopier copier = new SeriesCopier(source, target, target::tag, charged::addAndGet);
            List<Map<String, String>> expected = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            for (int row = 0; row < 200; row++) {
                int series = random.nextInt(source.size());
                // Other rows reach the same table on another way.
                boolean copied = random.nextInt(4) > 0;
                int number = copied ? copier.copy(series) : stage(target, tags(source, series));
                if (random.nextInt(4) == 0) {
                    target.rollback();
                    copier.rollback();
                } else {
                    target.commit();
                    expected.add(tags(source, series));
                    numbers.add(number);
                }
            }
            copier.close();
            SeriesTable built = target.build();
            for (int i = 0; i < numbers.size(); i++) {
                assertThat(tags(built, numbers.get(i)))
                        .as("seed %d", seed + round)
                        .isEqualTo(expected.get(i));
            }
            assertThat(built.size()).as("seed %d", seed + round).isEqualTo((int)
                    expected.stream().distinct().count());
            assertThat(charged).hasValue(0);
        }
    }

    private static SeriesTable source(Random random) {
        SeriesTableBuilder builder = new SeriesTableBuilder(delta -> {});
        for (int n = 1 + random.nextInt(60); n > 0; n--) {
            Map<String, String> tags = new TreeMap<>();
            for (int tag = 0; tag < 3; tag++) {
                if (random.nextInt(3) > 0) {
                    tags.put("t" + tag, "v" + random.nextInt(tag == 0 ? 100 : 4));
                }
            }
            stage(builder, tags);
        }
        return builder.build();
    }

    private static int stage(SeriesTableBuilder builder, Map<String, String> tags) {
        tags.forEach((name, value) -> {
            byte[] utf8 = value.getBytes(UTF_8);
            int tag = builder.tag(name);
            builder.stage(tag, builder.code(tag, utf8, 0, utf8.length));
        });
        return builder.intern();
    }

    private static Map<String, String> tags(SeriesTable table, int series) {
        Map<String, String> tags = new TreeMap<>();
        for (int tag = 0; tag < table.tagNames().size(); tag++) {
            int code = table.code(tag, series);
            if (code != SeriesTable.ABSENT) {
                tags.put(table.tagNames().get(tag), table.dictionary(tag).get(code));
            }
        }
        return tags;
    }
}
