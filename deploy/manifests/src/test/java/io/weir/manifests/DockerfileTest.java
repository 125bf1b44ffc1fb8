package io.weir.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Peers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds of the image by its Dockerfile; {@link ImageIT} runs it. REQUIREMENTS O6, O7; ADR 5. */
class DockerfileTest {

    private final Dockerfile dockerfile = Dockerfile.read(Deploy.file("images/Dockerfile"));
    private final Dockerfile.Stage image = dockerfile.image();

    @Test
    void everyCopiedPathIsInTheTreeAndLetThroughToTheBuild() {
        List<String> letThrough = Deploy.text(Deploy.file("images/Dockerfile.dockerignore"))
                .lines()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
        List<String> copied = sources(false).toList();

        assertThat(copied).isNotEmpty();
        for (String source : copied) {
            // The distribution is there once it was packaged; ImageIT copies it.
            String kept = source.replaceFirst("/target/.*", "/pom.xml");
            assertThat(Files.exists(Peers.root().resolve(kept))).as(kept).isTrue();
            assertThat(letThrough).anyMatch(allowed -> (source + "/").startsWith(allowed + "/"));
        }
        assertThat(letThrough).allMatch(allowed -> copied.stream().anyMatch(source -> source.startsWith(allowed)));
    }

    @Test
    void librariesAreALayerBeneathTheApplication() {
        assertThat(image.instructions().stream()
                        .filter(instruction -> instruction.keyword().equals("COPY"))
                        .map(instruction -> instruction.operands().get(0)))
                .containsSubsequence("/opt/libraries/", "/opt/application/");
        assertThat(dockerfile.stages().get(0).only("RUN"))
                .contains("mv /opt/distribution/lib/weir-*.jar /opt/application/lib/")
                .contains("mv /opt/distribution/lib/* /opt/libraries/lib/");
    }

    @Test
    void copiesBetweenStagesNameAStageThatIsThere() {
        List<String> names =
                dockerfile.stages().stream().map(stage -> "" + stage.name()).toList();

        assertThat(sources(true)).isNotEmpty();
        assertThat(instructions()
                        .flatMap(instruction -> instruction.options().stream())
                        .filter(option -> option.startsWith("--from="))
                        .map(option -> option.substring("--from=".length())))
                .isNotEmpty()
                .isSubsetOf(names);
    }

    /** A number, because a cluster cannot tell of a name whether it is root's. */
    @Test
    void itRunsAsAUserThatIsNotRoot() {
        String[] user = image.only("USER").split(":");

        assertThat(user).hasSize(2);
        assertThat(user).allSatisfy(id -> assertThat(Integer.parseInt(id)).isGreaterThan(999));
        List<String> keywords = image.instructions().stream()
                .map(Dockerfile.Instruction::keyword)
                .toList();
        assertThat(keywords.lastIndexOf("RUN")).isLessThan(keywords.indexOf("USER"));
    }

    @Test
    void whatIsWrittenIsInVolumesThatTheUserOwns() {
        assertThat(Dockerfile.words(image.only("VOLUME"))).containsExactly("/var/lib/weir", "/tmp");
        assertThat(image.all("RUN")).anyMatch(run -> run.contains("chown " + image.only("USER") + " /var/lib/weir"));
        assertThat(Dockerfile.words(image.only("CMD"))).containsExactly("serve", "--data", "/var/lib/weir");
    }

    /** A shell between the process and its signals would keep SIGTERM from it. */
    @Test
    void theServerItselfGetsTheSignalToStop() {
        assertThat(image.only("STOPSIGNAL")).isEqualTo("SIGTERM");
        assertThat(Dockerfile.words(image.only("ENTRYPOINT"))).containsExactly("weir");
        assertThat(Deploy.text(Deploy.file("images/weir"))).contains("\nexec java ");
    }

    @Test
    void itIsSaidHowItIsSeenToBeReadyAndReplayHasItsTime() {
        assertThat(image.only("HEALTHCHECK")).contains("--start-period=10m").endsWith("CMD [\"healthcheck\"]");
    }

    @Test
    void nothingIsTakenFromElsewhereAndNoSecretIsIn() {
        assertThat(instructions().map(Dockerfile.Instruction::keyword)).doesNotContain("ADD");
        assertThat(Deploy.text(Deploy.file("images/Dockerfile"))).doesNotContainIgnoringCase("password", "://");
        assertThat(instructions().flatMap(instruction -> Stream.of(instruction.arguments())))
                .noneMatch(arguments -> arguments.contains("curl ") || arguments.contains("apt-get"));
    }

    @Test
    void baseImagesAreOfOneReleaseAndCanBeChosen() {
        assertThat(dockerfile.stages()).allMatch(stage -> stage.base().equals("${JAVA_IMAGE}"));
        assertThat(Deploy.text(Deploy.file("images/Dockerfile"))).containsPattern("(?m)^ARG JAVA_IMAGE=\\S+:17-jre$");
    }

    private Stream<Dockerfile.Instruction> instructions() {
        return dockerfile.stages().stream().flatMap(stage -> stage.instructions().stream());
    }

    /** What is copied from other stages, or from the tree. */
    private Stream<String> sources(boolean fromStages) {
        return instructions()
                .filter(instruction -> instruction.keyword().equals("COPY"))
                .filter(copy -> fromStages == copy.options().stream().anyMatch(option -> option.startsWith("--from=")))
                .flatMap(copy -> {
                    List<String> operands = new ArrayList<>(copy.operands());
                    operands.remove(operands.size() - 1);
                    return operands.stream();
                })
                .map(source -> Path.of(source).toString());
    }
}
