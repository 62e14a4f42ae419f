using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

[TestFixture]
public sealed class KubernetesManifestTests
{
    [Test]
    public async Task ApplyAsync_Gateway_WritesAllObjects()
    {
        var yaml = await WriteAsync(options => (options.Workload.Gateway, options.Workload.Replicas) = ("public", 3));

        Assert.Multiple(() =>
        {
            foreach (var kind in new[] { "Deployment", "Service", "PodDisruptionBudget", "HTTPRoute" })
            {
                Assert.That(yaml, Does.Contain($"kind: {kind}\n"));
            }
            Assert.That(yaml, Does.Contain("weight: 100").And.Contain("backendRefs:").And.Contain("parentRefs:"));
            Assert.That(yaml, Does.Contain("replicas: 3").And.Contain("image: registry.example.com/churn:1"));
            Assert.That(yaml, Does.Contain("mlops.sdk/version: \"1\""));
            Assert.That(yaml, Does.Contain("cpu: 500m").And.Contain("readOnlyRootFilesystem: true"));
        });
    }

    [Test]
    public async Task ApplyAsync_Deployment_HasOneNameForAllVersions()
    {
        var yaml = await WriteAsync(_ => { });

        Assert.Multiple(() =>
        {
            Assert.That(yaml, Does.Contain("name: churn\n").And.Not.Contain("churn-v1"));
            Assert.That(yaml, Does.Contain("mlops.sdk/release: churn\n").And.Contain("maxUnavailable: 0"));
            Assert.That(yaml.Split("kind: Service\n"), Has.Length.EqualTo(2), "one Service");
        });
    }

    [Test]
    public async Task ApplyAsync_KServe_WritesAnInferenceService()
    {
        var yaml = await WriteAsync(options => (options.KServe, options.CanaryTrafficPercent) = (true, 10));

        Assert.Multiple(() =>
        {
            Assert.That(yaml, Does.Contain("apiVersion: serving.kserve.io/v1beta1").And.Contain("kind: InferenceService"));
            Assert.That(yaml, Does.Contain("canaryTrafficPercent: 10").And.Contain("name: kserve-container"));
            Assert.That(yaml, Does.Contain("image: registry.example.com/churn:1").And.Not.Contain("kind: Deployment"));
        });
    }

    [Test]
    public async Task ApplyAsync_FileOfAnotherWorkspace_IsNotReplaced()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        await using var other = await TemporaryWorkspace.OpenAsync();
        using var folder = new TempFolder();
        await WriteAsync(temporary.Workspace, folder, _ => { });
        var text = await File.ReadAllTextAsync(folder["churn.yaml"]);

        Assert.That(
            async () => await WriteAsync(other.Workspace, folder, _ => { }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(temporary.Workspace.Id).And.Message.Contains(other.Workspace.Id)
                .And.Property("Remedy").Contains("another folder"));

        Assert.That(await File.ReadAllTextAsync(folder["churn.yaml"]), Is.EqualTo(text));
    }

    [Test]
    public void Checked_Mistake_NamesTheOption()
    {
        foreach (var (option, set) in new (string, Action<KubernetesOptions>)[]
        {
            ("Image", options => options.Image = "churn:1"),
            ("Namespace", options => options.Namespace = "A"),
            ("Replicas", options => options.Replicas = 0),
            ("Port", options => options.Port = 80),
            ("Cpu", options => options.Cpu = "half"),
            ("Memory", options => options.Memory = "1 GB"),
            ("Environment", options => options.Environment.Add("a b", "")),
            ("EnvironmentSecret", options => options.EnvironmentSecret = ""),
            ("PullSecret", options => options.PullSecret = "_"),
            ("Gateway", options => options.Gateway = "a b"),
            ("Gateway", options => (options.Gateway, options.KServe) = ("public", true)),
            ("CanaryPercents", options => options.CanaryPercents.Add(10)),
            ("CanaryPercents", options =>
            {
                (options.Gateway, options.CanaryStep) = ("public", TimeSpan.FromHours(8));
                foreach (var percent in new[] { 5, 25, 50 }) options.CanaryPercents.Add(percent);
            }),
            ("CanaryStep", options => options.CanaryStep = TimeSpan.Zero),
            ("ProgressDeadline", options => options.ProgressDeadline = TimeSpan.Zero),
            ("PollInterval", options => options.PollInterval = TimeSpan.Zero),
            ("ApiKey", options => options.ApiKey = "a\nb"),
        })
        {
            Assert.That(() => Bench.Options(set), Throws.ArgumentException.With.Message.Contains($"KubernetesOptions.{option} "), option);
        }
    }

    [TestCase("churn", ExpectedResult = "churn")]
    [TestCase("customer-churn", ExpectedResult = "customer-churn")]
    public string OfEndpoint_NameThatKubernetesTakes_IsTheName(string endpoint) => KubernetesNames.OfEndpoint(endpoint);

    [Test]
    public void OfEndpoint_OtherNames_AreValidAndDiffer()
    {
        var names = new[] { "a_b", "a.b", "1a", "a-", new string('a', 100), new string('a', 99), "a-v1-01234567", "_" }
            .Select(KubernetesNames.OfEndpoint).ToList();

        Assert.That(names, Is.Unique);
        foreach (var name in names)
        {
            Assert.That(name, Does.Match("^[a-z]([-a-z0-9]*[a-z0-9])?$"));
            Assert.That(KubernetesNames.OfVersion(name, int.MaxValue, "x"), Has.Length.LessThanOrEqualTo(63));
        }
    }

    private static async Task<string> WriteAsync(Action<KubernetesManifestOptions> configure)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        using var folder = new TempFolder();
        await WriteAsync(temporary.Workspace, folder, configure);
        return await File.ReadAllTextAsync(folder["churn.yaml"]);
    }

    private static async Task WriteAsync(Workspace workspace, TempFolder folder, Action<KubernetesManifestOptions> configure)
    {
        var model = await BlessedModels.CreateAsync(workspace, "churn");
        var options = new KubernetesManifestOptions();
        options.Workload.Image = "registry.example.com/churn:{version}";
        configure(options);
        var target = new KubernetesManifestTarget(options.Checked(), folder.Path, Bench.ServicesOf(workspace));
        await target.ApplyAsync(await BlessedModels.DesiredAsync(workspace, model, "churn"));
    }
}
