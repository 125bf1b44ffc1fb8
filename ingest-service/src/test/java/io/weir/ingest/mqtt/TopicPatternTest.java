package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicPatternTest {

    private static TopicPattern pattern(String text) {
        return TopicPattern.parse(text);
    }

    @Test
    void capturesBecomePlusesForTheBroker() {
        assertThat(pattern("plants/{database}/{measurement}/{tag:device}/+/raw/#")
                        .filter())
                .isEqualTo("plants/+/+/+/+/raw/#");
    }

    @Test
    void aTopicSaysDatabaseMeasurementAndTags() {
        TopicPattern pattern = pattern("plants/{database}/{measurement}/{tag:device}/{tag:line}");
        assertThat(pattern.tagNames()).containsExactly("device", "line");
        assertThat(pattern.match("plants/north/temps/d1/l2"))
                .isEqualTo(new TopicPattern.Captures("north", "temps", List.of("d1", "l2")));
    }

    @ParameterizedTest
    @CsvSource({
        "a/+,a/b,true",
        "a/+,a,false",
        "a/+,a/b/c,false",
        "a/+,b/b,false",
        "a/#,a/b/c,true",
        "a/#,a,true",
        "#,a,true",
        "a/{tag:x},a/,true",
        "a,A,false",
        "a/#,ab,false"
    })
    void topicsMatchAsMqttSays(String pattern, String topic, boolean matches) {
        assertThat(pattern(pattern).match(topic) != null).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "a/+,a/b,true",
        "a/b,a/c,false",
        "a/#,a,true",
        "a/{tag:x}/c,a/b/+,true",
        "a/b/c,a/b,false",
        "#,x/y,true",
        "+/a,b/+,true",
        "x/#,y/#,false"
    })
    void patternsOverlapWhenSomeTopicMatchesBoth(String one, String other, boolean overlap) {
        assertThat(pattern(one).overlaps(pattern(other))).isEqualTo(overlap);
        assertThat(pattern(other).overlaps(pattern(one))).isEqualTo(overlap);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a/#/b; segment \"#\" is none (expected: a word, +, {database}, {measurement}, {tag:name}, or # at the end)",
                "a/b+; segment \"b+\" is none (expected: a word, +, {database}, {measurement}, {tag:name}, or # at the end)",
                "a/{tag:}; segment \"{tag:}\": tag name \"\" is empty or ends with a backslash",
                "a/{device}; segment \"{device}\" is none (expected: a word, +, {database}, {measurement}, {tag:name}, or # at the end)",
                "{database}/{database}; segment \"{database}\" stands twice (expected: once)",
                "$share/g/a; pattern \"$share/g/a\" is empty or begins with '$' (expected: segments, since the shared group has a setting of its own)",
            })
    void aWrongPatternIsExplained(String pattern, String message) {
        assertThatThrownBy(() -> pattern(pattern)).hasMessage(message);
    }

    private static MessageTarget target(String pattern, String topic) {
        return new TopicRoutes(List.of(SubscriptionSettings.of(pattern, PayloadFormat.JSON))).target(topic);
    }

    @Test
    void aTargetHasWhatTopicAndSettingsSay() {
        MessageTarget target = target("{database}/{measurement}/{tag:a}", "db/m/x y,z");
        assertThat(target.database()).isEqualTo("db");
        assertThat(target.measurement()).isEqualTo("m");
        assertThat(target.tags()).isEqualTo(Map.of("a", "x y,z"));
        assertThat(target("t/{tag:a}", "t/x").database()).isEqualTo("default");
        assertThat(target("t/{tag:a}", "t/x").measurement()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "..; m; v; database name \"..\" is not valid (expected: a letter, then up to 63 letters, digits, '_' or '-')",
                "db; _m; v; measurement name \"_m\" is reserved (names starting with '_', system, internal)",
                "db; ''; v; measurement name is empty",
                "db; m; ''; value of tag \"a\" is empty",
                "db; m; v\\; value of tag \"a\" ends with a backslash",
            })
    void namesFromTopicsAreChecked(String database, String measurement, String tag, String reason) { // LESSONS 59
        assertThatThrownBy(() -> target("{database}/{measurement}/{tag:a}", database + "/" + measurement + "/" + tag))
                .isInstanceOf(RejectedMessage.class)
                .hasMessage(reason);
    }

    @Test
    void controlCharactersAndLongValuesAreRejected() { // LESSONS 59
        assertThatThrownBy(() -> target("{tag:a}", "x\u0007"))
                .hasMessage("value of tag \"a\" holds a control character");
        assertThatThrownBy(() -> target("{tag:a}", "é".repeat(513)))
                .hasMessage("value of tag \"a\" is longer than 1024 bytes");
        assertThatThrownBy(() -> target("{measurement}", "m".repeat(129)))
                .hasMessageContaining("is longer than 128 bytes");
        assertThatThrownBy(() -> target("a", "b")).hasMessageContaining("no subscription of weir.mqtt.subscriptions");
    }
}
