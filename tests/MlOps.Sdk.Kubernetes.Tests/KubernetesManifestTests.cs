using System.Text.RegularExpressions;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MlOps.Sdk.Kubernetes.Tests;

[TestFixture]
public sealed partial class KubernetesManifestTests
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
            Assert.That(yaml, Does.Contain("cpu: \"500m\"").And.Contain("readOnlyRootFilesystem: true"));
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
            ("Image is 'churn:1', which does not say", options => options.Image = "churn:1"),
            ("Image is 'a@sha256:01'", options => options.Image = "a@sha256:01"),
            ("Image is empty", options => options.Image = ""),
            ("Image is 'a b:{version}'", options => options.Image = "a b:{version}"),
            ("Namespace is 'My_Models'", options => options.Namespace = "My_Models"),
            ("TemporarySpace is 'much'", options => options.TemporarySpace = "much"),
            ("Environment has ASPNETCORE_HTTP_PORTS", options => options.Environment.Add("ASPNETCORE_HTTP_PORTS", "80")),
            ("Hostnames", options =>
            {
                options.Gateway = "public";
                options.Hostnames.Add("Models.example.com");
            }),
            ("Hostnames need Gateway", options => options.Hostnames.Add("models.example.com")),
            ("Path is 'models'", options => (options.Gateway, options.Path) = ("public", "models")),
            ("Path is '/a/../b'", options => (options.Gateway, options.Path) = ("public", "/a/../b")),
            ("Path needs Gateway", options => options.Path = "/churn"),
            ("Customize", options => (options.KServe, options.Customize) = (true, _ => { })),
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
            Assert.That(() => Bench.Options(set), Throws.ArgumentException.With.Message.Contains($"KubernetesOptions.{option}"), option);
        }
    }

    [Test]
    public void Checked_ManifestMistake_SaysWhichOfTwoItIs()
    {
        Assert.That(
            () => new KubernetesManifestOptions { KServe = true, CanaryTrafficPercent = 101 }.Checked(),
            Throws.ArgumentException.With.Message.Contains("is 101, and not between 0 and 100"));
        Assert.That(
            () => new KubernetesManifestOptions { CanaryTrafficPercent = 10 }.Checked(),
            Throws.ArgumentException.With.Message.Contains("is for KServe"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_TextsLikeNumbersAndFlags_AreTextsForEveryReader(bool isKServe)
    {
        string[] values =
        [
            "0x1F", "1_000", "+1", "-1", "1", "1.5", "1e5", "010", "0b101", "0o17", ".NaN", ".inf", "-.inf", "12:30:45", "2020-01-01",
            "true", "True", "NO", "off", "Y", "null", "Null", "~", "", "=", "<<", "\t", " a ", "a: b", "a #b", "a\nb", "a:", "- a", "*x",
            "&x", "!x", "{a}", "'", "\"", "%x", "@x", "`x", "\u0085", "\u2028x", "plain", "registry:5000/a",
        ];

        var yaml = await WriteAsync(options =>
        {
            options.KServe = isKServe;
            for (var i = 0; i < values.Length; i++) options.Workload.Environment.Add($"V{i:00}", values[i]);
            if (!isKServe) options.Workload.Customize = pod => pod.Metadata.Annotations["note"] = pod.Metadata.Labels["note"] = "0x1F";
        });

        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var scalars = stream.Documents.SelectMany(document => document.AllNodes).OfType<YamlScalarNode>().ToList();
        foreach (var value in values) Assert.That(scalars.Select(scalar => scalar.Value), Does.Contain(value));
        var plain = scalars.Where(scalar => scalar.Style == ScalarStyle.Plain).Select(scalar => scalar.Value!).Distinct().ToList();
        Assert.That(
            plain.Where(text => Yaml11().IsMatch(text)),
            Is.SubsetOf(new[] { "true", "false" }.Concat(plain.Where(text => text.All(char.IsAsciiDigit)))),
            "numbers and flags of the API");
        Assert.That(plain, Has.None.AnyOf(values[..^2].Except(["1", "true"]).ToArray()));
    }

    // What a reader of YAML 1.1 or 1.2 takes for something else than a text.
    [GeneratedRegex(
        @"\A(~|null|y|n|yes|no|on|off|true|false|=|<<||[-+]?[0-9][0-9_:.xXoOa-fA-F]*([eE][-+]?[0-9]+)?|[-+]?\.[0-9_]+|[-+]?\.inf|\.nan|" +
            @"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex Yaml11();

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
