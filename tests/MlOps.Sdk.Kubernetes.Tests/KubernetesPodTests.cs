using System.Text.Json.Nodes;
using k8s;
using k8s.KubeConfigModels;
using k8s.Models;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>What pods are made of.</summary>
[TestFixture]
internal sealed class KubernetesPodTests : KubernetesFixture
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_Pod_IsAcceptedByARestrictedNamespace(bool isKServe)
    {
        await Create(options => options.KServe = isKServe).ApplyAsync(First);

        // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted; KServe takes no context of the pod.
        var security = ContainerOf(isKServe)["securityContext"]!;
        Assert.Multiple(() =>
        {
            Assert.That(security["allowPrivilegeEscalation"]!.GetValue<bool>(), Is.False);
            Assert.That(security["runAsNonRoot"]!.GetValue<bool>(), Is.True);
            Assert.That(security["runAsUser"]!.GetValue<int>(), Is.GreaterThan(0));
            Assert.That(security["runAsGroup"]!.GetValue<int>(), Is.GreaterThan(0));
            Assert.That(security["seccompProfile"]!["type"]!.GetValue<string>(), Is.EqualTo("RuntimeDefault"));
            Assert.That(security["capabilities"]!["drop"]!.AsArray().Single()!.GetValue<string>(), Is.EqualTo("ALL"));
            Assert.That(security["readOnlyRootFilesystem"]!.GetValue<bool>(), Is.True);
        });
    }

    [Test]
    public async Task ApplyAsync_ProgressDeadline_IsWhatPodsMayTakeToStart()
    {
        await Create(options => options.ProgressDeadline = TimeSpan.FromMinutes(30)).ApplyAsync(First);
        await using var other = NewBench();
        await other.Create(Workspace, options => (options.KServe, options.ProgressDeadline) = (true, TimeSpan.FromMinutes(30)))
            .ApplyAsync(First);

        var startup = ContainerOf(isKServe: false)["startupProbe"]!;
        var service = other.Server.Of("inferenceservices").Single();
        var liveness = service["spec"]!["predictor"]!["containers"]![0]!["livenessProbe"]!;
        Assert.Multiple(() =>
        {
            Assert.That(startup["failureThreshold"]!.GetValue<int>() * startup["periodSeconds"]!.GetValue<int>(), Is.EqualTo(1_800));
            Assert.That(liveness["initialDelaySeconds"]!.GetValue<int>(), Is.EqualTo(1_800));
            Assert.That(
                service["metadata"]!["annotations"]!["serving.knative.dev/progress-deadline"]!.GetValue<string>(), Is.EqualTo("1800s"));
        });
    }

    [Test]
    public async Task ApplyAsync_Pod_IsSpreadAndEndsWithoutRejectedCalls()
    {
        await Create(options => options.TemporarySpace = "300Mi").ApplyAsync(First);

        var deployment = Bench.Server.Of("deployments").Single();
        var (template, name) = (deployment["spec"]!["template"]!, deployment["metadata"]!["name"]!.GetValue<string>());
        var pod = template["spec"]!;
        var labels = template["metadata"]!["labels"]!;
        var sleep = ContainerOf(isKServe: false)["lifecycle"]!["preStop"]!["sleep"]!["seconds"]!.GetValue<int>();
        Assert.Multiple(() =>
        {
            Assert.That(sleep, Is.InRange(5, pod["terminationGracePeriodSeconds"]!.GetValue<int>() - 30));
            Assert.That(pod["volumes"]![0]!["emptyDir"]!["sizeLimit"]!.GetValue<string>(), Is.EqualTo("300Mi"));
            foreach (var spread in pod["topologySpreadConstraints"]!.AsArray())
            {
                Assert.That(spread!["whenUnsatisfiable"]!.GetValue<string>(), Is.EqualTo("ScheduleAnyway"));
                Assert.That(
                    spread["labelSelector"]!["matchLabels"]!["mlops.sdk/release"]!.GetValue<string>(), Is.EqualTo(name));
            }
            Assert.That(labels["app.kubernetes.io/version"]!.GetValue<string>(), Is.EqualTo("1"));
            Assert.That(labels["app.kubernetes.io/instance"]!.GetValue<string>(), Is.EqualTo(name));
        });
    }

    [Test]
    public async Task ApplyAsync_Customize_AddsToPodsAndAnotherOneGivesThemAnotherName()
    {
        var target = Create(options => options.Customize = Tolerate);
        await target.ApplyAsync(First);
        var first = Bench.ServedBy("churn");

        var pod = Bench.Server.Of("deployments").Single()["spec"]!["template"]!;
        Assert.That(pod["spec"]!["nodeSelector"]!["pool"]!.GetValue<string>(), Is.EqualTo("models"));
        Assert.That(pod["spec"]!["containers"]!.AsArray(), Has.Count.EqualTo(2));
        Assert.That(pod["metadata"]!["labels"]!["team"]!.GetValue<string>(), Is.EqualTo("churn"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1), "with another container beside the server");

        await Create().ApplyAsync(First);
        Assert.That(Bench.ServedBy("churn"), Is.Not.EqualTo(first));
    }

    [Test]
    public void ApplyAsync_CustomizeTakesAway_FailsBeforeAnythingIsSent()
    {
        foreach (var (customize, said) in new (Action<V1PodTemplateSpec>, string)[]
        {
            (_ => throw new InvalidOperationException("boom"), "boom"),
            (template => template.Metadata.Labels.Clear(), "known by"),
            (template => template.Metadata = null, "known by"),
            (template => template.Metadata.Annotations = null, "known by"),
            (template => template.Spec.Containers[0].Image = "other", "known by"),
            (template => template.Spec = null, "known by"),
        })
        {
            Assert.That(
                async () => await Create(options => options.Customize = customize).ApplyAsync(First),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("KubernetesOptions.Customize").And.Message.Contains(said));
        }

        Assert.That(Bench.Server.Objects, Is.Empty);
    }

    [Test]
    public async Task ApplyAsync_ImageByDigest_IsTheSameForAllVersions()
    {
        var image = $"registry.example.com/server@sha256:{new string('a', 64)}";
        Bench.Server.Images[image] = Bench.Server.Images["registry.example.com/churn:1"];
        var target = Create(options => options.Image = image);

        await target.ApplyAsync(First);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));

        // It does not serve the second version.
        Assert.That(async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("version 2"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
    }

    [Test]
    public void Connect_NeitherKubeconfigNorPod_SaysSo()
    {
        Assert.That(
            () => KubernetesConnection.Checked(new KubernetesClientConfiguration { Host = "http://localhost:8080" }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("there is no kubeconfig").And.Property("Remedy").Contains("KUBECONFIG"));
        var kubeconfig = new K8SConfiguration
        {
            CurrentContext = "kind",
            Contexts = [new Context { Name = "kind", ContextDetails = new ContextDetails { Cluster = "kind" } }],
            Clusters =
            [
                new k8s.KubeConfigModels.Cluster
                {
                    Name = "kind", ClusterEndpoint = new ClusterEndpoint { Server = "http://localhost:8080" },
                },
            ],
        };
        foreach (var found in new[]
        {
            KubernetesClientConfiguration.BuildConfigFromConfigObject(kubeconfig),
            new KubernetesClientConfiguration { Host = "https://10.0.0.1" },
        })
        {
            Assert.That(KubernetesConnection.Checked(found), Is.SameAs(found));
        }
    }

    private static void Tolerate(V1PodTemplateSpec template)
    {
        template.Spec.NodeSelector = new Dictionary<string, string> { ["pool"] = "models" };
        template.Spec.Containers.Add(new V1Container { Name = "proxy", Image = "registry.example.com/proxy:1" });
        template.Metadata.Labels["team"] = "churn";
    }

    private JsonNode ContainerOf(bool isKServe) => isKServe
        ? Bench.Server.Of("inferenceservices").Single()["spec"]!["predictor"]!["containers"]![0]!
        : Bench.Server.Of("deployments").Single()["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private KubernetesTarget Create(Action<KubernetesOptions>? configure = null) => Bench.Create(Workspace, configure);
}
