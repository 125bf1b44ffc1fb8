package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.ServeRole;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySourcesPropertyResolver;

/** LESSONS 47: a role that cannot work with its settings says which one is missing, before it starts anything. */
class RoleSettingsTest {

    private static final Map<String, Object> COMPLETE = Map.of(
            "weir.catalog.url", "r2dbc:postgresql://db/weir",
            "weir.storage.type", "s3",
            "weir.internal.token", "a-token-of-16-characters",
            "weir.query.ingest-replicas", "a:8088");

    private static void require(ServeRole role, Map<String, Object> settings) {
        MutablePropertySources sources = new MutablePropertySources();
        sources.addFirst(new MapPropertySource("test", settings));
        RoleSettings.require(role, new PropertySourcesPropertyResolver(sources));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"weir.catalog.url", "weir.storage.type", "weir.internal.token", "weir.query.ingest-replicas"})
    void whatIsMissingIsNamed(String key) {
        Map<String, Object> settings = new HashMap<>(COMPLETE);
        settings.remove(key);
        assertThatThrownBy(() -> require(ServeRole.QUERY, settings)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.CONFIGURATION);
            assertThat(e.detail()).startsWith("--role query needs " + key + " (expected: ");
        });
        if (key.startsWith("weir.query")) {
            assertThatCode(() -> require(ServeRole.INGEST, settings)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> require(ServeRole.INGEST, settings)).hasMessageContaining("--role ingest needs");
        }
        assertThatCode(() -> require(ServeRole.STANDALONE, settings)).doesNotThrowAnyException();
    }

    @Test
    void completeSettingsAreEnoughAndALocalStoreIsNot() {
        assertThatCode(() -> require(ServeRole.QUERY, COMPLETE)).doesNotThrowAnyException();
        Map<String, Object> listed = new HashMap<>(COMPLETE);
        listed.remove("weir.query.ingest-replicas");
        listed.put("weir.query.ingest-replicas[0]", "a:8088");
        assertThatCode(() -> require(ServeRole.QUERY, listed)).doesNotThrowAnyException();
        Map<String, Object> local = new HashMap<>(COMPLETE);
        local.put("weir.storage.type", "LOCAL");
        assertThatThrownBy(() -> require(ServeRole.INGEST, local)).hasMessageContaining("weir.storage.type");
    }
}
