package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/configuration.md} tells of every setting there is, as it is, and of no other. REQUIREMENTS O8; LESSONS 47.
 * {@code -Dweir.docs.write=true} writes it anew.
 */
class SettingsDocTest {

    private static final String MARK = "<!-- What follows is generated; SettingsDocTest says how. -->\n";
    private static final Pattern KEY = Pattern.compile("`(weir\\.[a-z0-9.-]+)`");

    @TempDir
    Path directory;

    private final Path page = Peers.root().resolve("docs/configuration.md");

    @Test
    void thePageIsWhatTheSettingsAre() throws IOException {
        Map<String, List<SettingsDoc.Setting>> features = SettingsDoc.read(Peers.root(), directory);
        String head = head();
        String expected = head + MARK + SettingsDoc.page(features);
        if (Boolean.getBoolean("weir.docs.write")) {
            Files.writeString(page, expected);
        }

        assertThat(Files.readString(page))
                .as("docs/configuration.md is stale: run SettingsDocTest with -Dweir.docs.write=true")
                .isEqualTo(expected);
        assertThat(features.keySet()).contains("weir.wal", "weir.ingest", "weir.query", "weir.storage", "weir.mqtt");
    }

    @Test
    void everySettingSaysWhatItMeans() {
        SettingsDoc.read(Peers.root(), directory)
                .values()
                .forEach(settings -> assertThat(settings)
                        .noneMatch(setting -> setting.meaning().isBlank()));
    }

    /** What the page says by hand of protections names settings that there are. */
    @Test
    void protectionsAreSwitchedBySettingsThatExist() throws IOException {
        Set<String> keys = SettingsDoc.read(Peers.root(), directory).values().stream()
                .flatMap(List::stream)
                .map(SettingsDoc.Setting::key)
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> named = new ArrayList<>();
        KEY.matcher(head()).results().forEach(found -> named.add(found.group(1)));
        KEY.matcher(Files.readString(Peers.root().resolve("docs/runbook/rollback.md")))
                .results()
                .forEach(found -> named.add(found.group(1)));

        assertThat(named).hasSizeGreaterThan(30);
        assertThat(keys).containsAll(named);
    }

    private String head() throws IOException {
        String text = Files.readString(page);
        int end = text.indexOf(MARK);
        assertThat(end).as("the mark behind the head of the page").isPositive();
        return text.substring(0, end);
    }
}
