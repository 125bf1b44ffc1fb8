package io.weir.common.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PrincipalTest {

    private static Principal with(Grant... grants) {
        return new Principal("acme", "gateway", "id", List.of(grants), false);
    }

    private static Grant grant(String databases, Permission... permissions) {
        return new Grant(new DatabasePattern(databases), Set.of(permissions));
    }

    @Test
    void aPatternMatchesAsARegularExpressionWould() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String pattern = text(random, "ab*", 1 + random.nextInt(8));
            String name = text(random, "ab", random.nextInt(10));
            assertThat(new DatabasePattern(pattern).matches(name))
                    .as(pattern + " and " + name)
                    .isEqualTo(Pattern.matches(pattern.replace("*", ".*"), name));
        }
    }

    private static String text(Random random, String letters, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    @Test
    void aPatternHoldsOnlyWhatANameCouldHold() {
        for (String bad : new String[] {"", "a b", "a/b", "a.b", "ü", "a".repeat(129)}) {
            assertThatThrownBy(() -> new DatabasePattern(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not valid (expected:");
        }
    }

    @Test
    void permissionsHoldForTheDatabasesOfTheirGrant() {
        Principal caller = with(grant("fleet_*", Permission.READ, Permission.WRITE), grant("lab", Permission.DELETE));
        assertThat(caller.may(Permission.READ, "fleet_1")).isTrue();
        assertThat(caller.may(Permission.READ, "FLEET_1")).isFalse();
        assertThat(caller.may(Permission.READ, "lab")).isFalse();
        assertThat(caller.may(Permission.DELETE, "lab")).isTrue();
        assertThat(caller.may(Permission.DELETE, "fleet_1")).isFalse();
        assertThat(caller.mayAnywhere(Permission.DELETE)).isTrue();
        assertThat(caller.mayAnywhere(Permission.ADMIN)).isFalse();
        assertThat(caller.database(Permission.WRITE, "fleet_2")).hasToString("acme/fleet_2");
        assertThatThrownBy(() -> caller.database(Permission.WRITE, "lab"))
                .hasMessage("this token may not write database lab (expected: a token with permission write for it)");
    }

    @Test
    void adminIncludesTheOthersWhereItHolds() {
        Principal caller = with(grant("lab", Permission.ADMIN));
        for (Permission permission : Permission.values()) {
            assertThat(caller.may(permission, "lab")).isTrue();
            assertThat(caller.may(permission, "other")).isFalse();
        }
        assertThat(caller.administers()).isFalse();
        assertThat(with(Grant.ALL).administers()).isTrue();
        assertThatThrownBy(caller::requireAdministers).hasMessageContaining("does not look after its organisation");
        assertThatThrownBy(with(Grant.ALL)::requireOperator).hasMessageContaining("does not look after the server");
    }
}
