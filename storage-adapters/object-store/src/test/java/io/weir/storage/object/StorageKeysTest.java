package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StorageKeysTest {

    @Test
    void namesThatLookAlikeNeverShareAFile() { // LESSONS 59
        Map<String, String> seen = new HashMap<>();
        for (String name : new String[] {"a..b", "a/b", "a_b", "a%2Fb", "..", ".", "a b", "a=b", "a*", "A", "a", "%"}) {
            assertThat(seen.put(StorageKeys.escape(name), name)).isNull();
        }
    }

    @Test
    void escapedNamesHoldNothingAPathOrAGlobWouldRead() { // LESSONS 24, 25, 59
        assertThat(StorageKeys.escape("../*?[x]{y}=z")).matches("[A-Za-z0-9_%-]+");
    }

    @Test
    void aNameOfFullLengthFitsInPathSegments() { // LESSONS 27
        String escaped = StorageKeys.escape("é".repeat(64));
        assertThat(escaped.split("/"))
                .allSatisfy(part -> assertThat(part.length()).isLessThanOrEqualTo(255));
    }

    @Test
    void randomNamesAreToldApart() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(128)];
            for (int b = 0; b < bytes.length; b++) {
                bytes[b] = (byte) "a%/.2_F".charAt(random.nextInt(7));
            }
            String name = new String(bytes, StandardCharsets.UTF_8);
            String before = seen.put(StorageKeys.escape(name), name);
            assertThat(before == null || before.equals(name)).isTrue();
        }
    }

    @Test
    void onlyKeysThatWeirMakesAreDataFiles() {
        for (String name : new String[] {"cpu", "..", "a/b", "é".repeat(64), "-", "2024"}) {
            for (long hour : new long[] {0, Long.MIN_VALUE, Long.MAX_VALUE, 1_700_000_000_000_000L}) {
                TableId table = new TableId("default", name, name);
                assertThat(StorageKeys.isDataFile(StorageKeys.dataFile("", table, hour, "0a1b", 17)))
                        .isTrue();
            }
        }
        for (String key : new String[] {
            "backup.parquet",
            "default/iot/cpu/2024/01/01/00/part.parquet",
            "default/iot/cpu/2024/01/01/f-0.parquet",
            "iot/cpu/2024/01/01/00/f-0.parquet.tmp",
            "other team/iot/cpu/2024/01/01/00/f-0.parquet",
            "weir-catalog-id",
            "default/iot/cpu/year=2024/01/01/00/f-0.parquet",
        }) {
            assertThat(StorageKeys.isDataFile(key)).as(key).isFalse();
        }
    }

    @Test
    void dataFilesAreFiledByHourAlsoBefore1970() {
        TableId table = new TableId("default", "iot", "cpu load");
        assertThat(StorageKeys.dataFile("p", table, -3_600_000_000L, "f", 0))
                .isEqualTo("p/default/iot/cpu%20load/1969/12/31/23/f-0.parquet");
        assertThat(StorageKeys.dataFile("", table, Long.MAX_VALUE, "f", 1))
                .isEqualTo("default/iot/cpu%20load/294247/01/10/04/f-1.parquet");
        assertThat(StorageKeys.dataFile("", table, Long.MIN_VALUE, "f", 2))
                .isEqualTo("default/iot/cpu%20load/-290308/12/21/19/f-2.parquet");
    }
}
