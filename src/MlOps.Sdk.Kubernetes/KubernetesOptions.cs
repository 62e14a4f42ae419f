using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// How versions are served on Kubernetes. Each version has a Deployment of its own, so that the one before serves until the next one is
/// verified.
/// </summary>
public sealed partial class KubernetesOptions
{
    private const string PortsVariable = "ASPNETCORE_HTTP_PORTS";

    // Requests, the golden rows, and what is removed after the calls went over.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The image with the model server and the version, with <c>{version}</c> in its tag, or <c>{hash}</c> for the first 12 digits of the
    /// content hash, or both: <c>registry.example.com/churn:{version}</c>. A server that gets the version in another way has the same image
    /// for all, named by its digest: <c>registry.example.com/server@sha256:…</c>. Required.
    /// </summary>
    public string Image { get; set; } = "";

    /// <summary>The namespace. Default: <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>How many pods serve the version: 1 to 1,000. Default: 2.</summary>
    public int Replicas { get; set; } = 2;

    /// <summary>The port of the model server in its container: 1,024 to 65,535. Default: 8080.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>What a pod is promised and may take: CPU, as <c>500m</c>. Default: <c>500m</c>.</summary>
    public string Cpu { get; set; } = "500m";

    /// <summary>What a pod is promised and may take at most: memory, as <c>512Mi</c>. Default: <c>512Mi</c>.</summary>
    public string Memory { get; set; } = "512Mi";

    /// <summary>
    /// How much a pod may write to <c>/tmp</c>, as <c>1Gi</c>: Kubernetes ends one that writes more. Default: <c>1Gi</c>.
    /// </summary>
    public string TemporarySpace { get; set; } = "1Gi";

    /// <summary>
    /// Environment variables of the container, which are not secret. <c>ASPNETCORE_HTTP_PORTS</c> is that of <see cref="Port"/>.
    /// </summary>
    public IDictionary<string, string> Environment { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// The name of a Secret, all of whose keys become environment variables of the container; <see langword="null"/> for none.
    /// </summary>
    public string? EnvironmentSecret { get; set; }

    /// <summary>The name of the Secret with which the image is pulled; <see langword="null"/> for none.</summary>
    public string? PullSecret { get; set; }

    /// <summary>
    /// The Gateway of the Gateway API that calls come through, in the namespace: an HTTPRoute divides the calls by weights.
    /// <see langword="null"/> for none: then the Service <c>{name}</c> goes over to the version at once.
    /// </summary>
    public string? Gateway { get; set; }

    /// <summary>
    /// With <see cref="Gateway"/>: the hosts whose calls the route takes, such as <c>models.example.com</c> or <c>*.example.com</c>.
    /// Default: none, for all that the Gateway listens to.
    /// </summary>
    public IList<string> Hostnames { get; } = [];

    /// <summary>
    /// With <see cref="Gateway"/>: with what the path of calls begins that the route takes, in whole segments. Lifecycles behind one
    /// Gateway need a path or a host of their own: of two routes with the same, the older one gets all calls. <see langword="null"/> for
    /// <c>/models/{lifecycle}</c>, where pods answer. Default: <see langword="null"/>.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Adds to the pods of a Deployment before they are applied: labels, annotations, tolerations, a node selector, a service account,
    /// volumes. It is called several times for a version, and has to do the same each time. What is there by which a version is known has
    /// to stay: labels, annotations and the container <c>model</c> with its image. Not for KServe. Default: none.
    /// </summary>
    [field: NotInFingerprint]
    public Action<V1PodTemplateSpec>? Customize { get; set; }

    /// <summary>
    /// Whether the version is served by an InferenceService of KServe (<c>serving.kserve.io/v1beta1</c>), in KServe's serverless mode,
    /// rather than by a Deployment and a Service. Default: <see langword="false"/>.
    /// </summary>
    public bool KServe { get; set; }

    /// <summary>
    /// The shares of the calls in percent that the new version gets one after the other, rising, before it gets all; with
    /// <see cref="Gateway"/> or <see cref="KServe"/> only. Default: none.
    /// </summary>
    public IList<int> CanaryPercents { get; } = [];

    /// <summary>
    /// For how long each of <see cref="CanaryPercents"/> lasts; a version whose pods do not stay available goes back to 0. 1 second to 1
    /// day; all steps, <see cref="ProgressDeadline"/> and 5 minutes together are 1 day at most. Default: 5 minutes.
    /// </summary>
    public TimeSpan CanaryStep { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long pods may take until they are ready: 30 seconds to 1 hour. Default: 5 minutes.</summary>
    public TimeSpan ProgressDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The pause between two looks at a rollout: 100 milliseconds to 1 minute. Default: 2 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What is sent as <c>X-Api-Key</c> when the answers of a version are verified; <see langword="null"/> for a server that needs none.
    /// </summary>
    [field: NotInFingerprint]
    public string? ApiKey { get; set; }

    /// <summary>How long a deployment may take: the pods, all steps, and some time for the calls.</summary>
    internal TimeSpan Patience => ProgressDeadline + CanaryPercents.Count * CanaryStep + Rest;

    /// <summary>
    /// The steps that are left. A process that was killed has left its step in the cluster; how long that one lasted, nobody knows.
    /// </summary>
    /// <param name="reached">The share that the version has already, in percent.</param>
    internal IEnumerable<int> StepsFrom(int reached)
    {
        var left = CanaryPercents.Where(percent => percent >= reached).ToList();
        return left.Count > 0 ? left : CanaryPercents.TakeLast(1);
    }

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal KubernetesOptions Checked()
    {
        Require(
            Image is { Length: > 0 and <= 500 } && !Image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)),
            nameof(Image),
            $"is {Shown(Image)}, and no address of an image such as registry.example.com/churn:{{version}}");
        Require(
            Image.Contains("{version}", StringComparison.Ordinal)
                || Image.Contains("{hash}", StringComparison.Ordinal)
                || DigestForm().IsMatch(Image),
            nameof(Image),
            $"is {Shown(Image)}, which does not say which version it has: put {{version}} or {{hash}} into its tag, or name an image " +
                "that is the same for all versions by its digest, @sha256: and 64 digits");
        Require(IsName(Namespace), nameof(Namespace), $"is {Shown(Namespace)}, and no name of a namespace: use a-z, 0-9 and -");
        Require(Replicas is >= 1 and <= 1_000, nameof(Replicas), "is not between 1 and 1,000");
        Require(Port is >= 1_024 and <= 65_535, nameof(Port), "is not between 1,024 and 65,535: the container is not root");
        Require(Cpu is not null && QuantityForm().IsMatch(Cpu), nameof(Cpu), "is no quantity such as 500m");
        Require(Memory is not null && QuantityForm().IsMatch(Memory), nameof(Memory), "is no quantity such as 512Mi");
        Require(
            TemporarySpace is not null && QuantityForm().IsMatch(TemporarySpace),
            nameof(TemporarySpace),
            $"is {Shown(TemporarySpace)}, and no quantity such as 1Gi");
        Require(
            Environment.All(pair => VariableForm().IsMatch(pair.Key) && pair.Value is not null), nameof(Environment), "has a wrong name");
        Require(
            !Environment.Keys.Any(key => key.Equals(PortsVariable, StringComparison.OrdinalIgnoreCase)),
            nameof(Environment),
            $"has {PortsVariable}, which is set to Port: set Port");
        Require(EnvironmentSecret is null || IsName(EnvironmentSecret), nameof(EnvironmentSecret), "is no name of a Secret");
        Require(PullSecret is null || IsName(PullSecret), nameof(PullSecret), "is no name of a Secret");
        Require(Gateway is null || IsName(Gateway), nameof(Gateway), $"is {Shown(Gateway)}, and no name of a Gateway");
        Require(
            Hostnames.All(name => name is { Length: <= 253 } && HostForm().IsMatch(name)),
            nameof(Hostnames),
            "has one that is no host such as models.example.com or *.example.com");
        Require(
            Path is null or "/" || (Path.Length <= 1_024 && PathForm().IsMatch(Path)),
            nameof(Path),
            $"is {Shown(Path)}, and no path such as /models/churn");
        Require(
            Gateway is not null || Hostnames.Count == 0, nameof(Hostnames), "need Gateway: without one there is no route");
        Require(Gateway is not null || Path is null, nameof(Path), "needs Gateway: without one there is no route");
        Require(Customize is null || !KServe, nameof(Customize), "is not for KServe, which takes a part of a pod only");
        Require(
            CanaryPercents.All(percent => percent is >= 1 and <= 99)
                && CanaryPercents.Zip(CanaryPercents.Skip(1)).All(pair => pair.First < pair.Second),
            nameof(CanaryPercents),
            "are not rising percentages between 1 and 99");
        Require(
            CanaryPercents.Count == 0 || Gateway is not null || KServe,
            nameof(CanaryPercents),
            "need Gateway or KServe: a Service has no weights");
        Require(Gateway is null || !KServe, nameof(Gateway), "is not for KServe, which has an entrance of its own");
        Require(
            IsBetween(CanaryStep, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            nameof(CanaryStep),
            "is not between 1 second and 1 day");
        Require(
            IsBetween(ProgressDeadline, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1)),
            nameof(ProgressDeadline),
            "is not between 30 seconds and 1 hour");
        Require(
            Patience <= TargetCapabilities.LongestPatience,
            nameof(CanaryPercents),
            string.Create(
                CultureInfo.InvariantCulture,
                $"last {CanaryPercents.Count * CanaryStep.TotalHours:0.#} hours in steps of CanaryStep; with ProgressDeadline and 5 " +
                    $"minutes it is more than a day, after which a deployment is cancelled: name fewer steps, or shorten CanaryStep"));
        Require(
            IsBetween(PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            nameof(PollInterval),
            "is not between 100 milliseconds and 1 minute");
        Require(
            ApiKey is null || (ApiKey.Length > 0 && ApiKey.All(c => c is > ' ' and < '\x7f')), nameof(ApiKey), "is no value of a header");
        return Copy();
    }

    private KubernetesOptions Copy()
    {
        var copy = new KubernetesOptions
        {
            Image = Image, Namespace = Namespace, Replicas = Replicas, Port = Port, Cpu = Cpu, Memory = Memory,
            EnvironmentSecret = EnvironmentSecret, PullSecret = PullSecret, Gateway = Gateway, KServe = KServe, CanaryStep = CanaryStep,
            ProgressDeadline = ProgressDeadline, PollInterval = PollInterval, ApiKey = ApiKey, TemporarySpace = TemporarySpace,
            Path = Path, Customize = Customize,
        };
        foreach (var name in Hostnames) copy.Hostnames.Add(name);
        foreach (var (name, value) in Environment) copy.Environment.Add(name, value);
        foreach (var percent in CanaryPercents) copy.CanaryPercents.Add(percent);
        return copy;
    }

    private static bool IsBetween(TimeSpan time, TimeSpan shortest, TimeSpan longest) => time >= shortest && time <= longest;

    private static bool IsName(string? name) => name is { Length: <= 63 } && NameForm().IsMatch(name);

    private static void Require(bool holds, string option, string what)
    {
        if (!holds) throw new ArgumentException($"KubernetesOptions.{option} {what}.", option);
    }

    private static string Shown(string? value) => string.IsNullOrEmpty(value) ? "empty" : $"'{PrintableText.Shorten(value)}'";

    [GeneratedRegex(@"@sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestForm();

    [GeneratedRegex(@"\A(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex HostForm();

    // Of a whole path, without parts that servers take apart; what the Gateway API takes.
    [GeneratedRegex(@"\A(/(?!\.{1,2}(/|\z))([-A-Za-z0-9._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+)+\z")]
    private static partial Regex PathForm();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"\A[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?\z")]
    private static partial Regex QuantityForm();

    [GeneratedRegex(@"\A[a-zA-Z_][a-zA-Z0-9_]*\z")]
    private static partial Regex VariableForm();
}
