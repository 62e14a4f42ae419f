using System.Globalization;
using k8s;
using k8s.Models;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>The objects of a version of an endpoint, made from the models of KubernetesClient.</summary>
internal sealed class KubernetesRelease
{
    private const string PortName = "http";
    private const string Container = "model";
    private const int User = 64_198;
    private const int ProbePeriod = 2;

    // Proxies and gateways need a moment to hear that a pod ends.
    private const int SecondsBeforeEnd = 10;

    private readonly KubernetesOptions _options;
    private readonly Dictionary<string, string> _annotations;

    // Those of the pods: another mark would replace them all.
    private readonly Dictionary<string, string> _podAnnotations;

    private readonly string _path;

    /// <param name="options">Where and how it is served.</param>
    /// <param name="desired">The version.</param>
    /// <param name="workspace">The id of the workspace.</param>
    /// <param name="isInPlace">
    /// Whether its Deployment replaces the pods of the version before, under one name for all versions, rather than standing beside it.
    /// </param>
    public KubernetesRelease(KubernetesOptions options, DesiredDeployment desired, string workspace, bool isInPlace = false)
    {
        var version = desired.Model.Version;
        _options = options;
        Endpoint = KubernetesNames.OfEndpoint(desired.Endpoint);
        Version = version.Version;
        ContentHash = version.ContentHash;
        Image = ImageOf(options, Version, ContentHash);
        _podAnnotations = new Dictionary<string, string>
        {
            [KubernetesNames.Endpoint] = desired.Endpoint,
            [KubernetesNames.Version] = version.Version.ToString(CultureInfo.InvariantCulture),
            [KubernetesNames.ContentHash] = version.ContentHash,
        };
        _annotations = new Dictionary<string, string>(_podAnnotations) { [KubernetesNames.Workspace] = workspace };
        _path = options.Path ?? $"/models/{Uri.EscapeDataString(desired.Endpoint)}";
        Name = Endpoint;
        if (!isInPlace)
        {
            Name = KubernetesNames.OfVersion(Endpoint, Version, $"{version.ContentHash} {KubernetesJson.Serialize(Template())}");
        }
    }

    /// <summary>The name of the Service, and the HTTPRoute, that callers know.</summary>
    public string Endpoint { get; }

    /// <summary>The name of the Deployment and the Service of the version.</summary>
    public string Name { get; }

    public int Version { get; }

    public string ContentHash { get; }

    public string Image { get; }

    /// <summary>The image of a version.</summary>
    public static string ImageOf(KubernetesOptions options, int version, string contentHash) => options.Image
        .Replace("{version}", version.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{hash}", contentHash[..12], StringComparison.Ordinal);

    /// <summary>The image of the model server in a pod; <see langword="null"/> where it has none.</summary>
    public static string? ServerImageOf(V1PodTemplateSpec template) =>
        template.Spec?.Containers?.FirstOrDefault(container => container.Name == Container)?.Image;

    /// <summary>What is there before calls come: nothing of it changes what is served.</summary>
    public IReadOnlyList<IKubernetesObject> Parts() =>
        _options.Replicas > 1 ? [Deployment(), Service(Name), Disruption()] : [Deployment(), Service(Name)];

    /// <summary>All objects of a version that replaces the one before in place: its Service is the one that callers know.</summary>
    public IReadOnlyList<IKubernetesObject> PartsInPlace() =>
        _options.Gateway is null ? Parts() : [.. Parts(), Route([(Name, 100)])];

    /// <summary>The Service that callers know, which leads to the pods of the version at once.</summary>
    public V1Service Entrance() => Service(Endpoint);

    /// <summary>The route of the Gateway API.</summary>
    /// <param name="backends">The Services of versions with their weights; first the one that is served.</param>
    /// <param name="annotations">What is said of the one that is served; <see langword="null"/> for this version.</param>
    public KubernetesRoute Route(
        IReadOnlyList<(string Service, int Weight)> backends, IDictionary<string, string>? annotations = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = Endpoint,
            NamespaceProperty = _options.Namespace,
            Labels = Labels(withRelease: false, withVersion: false),
            Annotations = annotations ?? _annotations,
        },
        Spec = new KubernetesRouteSpec
        {
            ParentRefs = [new KubernetesRouteParent { Name = _options.Gateway! }],
            Hostnames = _options.Hostnames.Count == 0 ? null : [.. _options.Hostnames],
            Rules =
            [
                new KubernetesRouteRule
                {
                    Matches = [new KubernetesRouteMatch { Path = new KubernetesRoutePath { Value = _path } }],
                    BackendRefs = [.. backends.Select(backend =>
                        new KubernetesRouteBackend { Name = backend.Service, Port = 80, Weight = backend.Weight })],
                },
            ],
        },
    };

    /// <summary>The version as an InferenceService of KServe.</summary>
    /// <param name="canaryTrafficPercent">The share of the calls that it gets; <see langword="null"/> for all.</param>
    public InferenceService InferenceService(int? canaryTrafficPercent)
    {
        var pod = PodSpec();
        var container = pod.Containers[0];

        // KServe asks for the container by this name; Knative takes no port of the name http, ends pods in its own way, and has readiness
        // in place of startup: liveness waits until the pod has to be ready.
        container.Name = "kserve-container";
        container.Ports[0].Name = null;
        container.Lifecycle = null;
        container.StartupProbe = null;
        container.LivenessProbe.InitialDelaySeconds = (int)_options.ProgressDeadline.TotalSeconds;
        foreach (var probe in new[] { container.LivenessProbe, container.ReadinessProbe }) probe.HttpGet.Port = _options.Port;
        return new InferenceService
        {
            Metadata = new V1ObjectMeta
            {
                Name = Endpoint,
                NamespaceProperty = _options.Namespace,
                Labels = Labels(withRelease: false, withVersion: true),
                Annotations = new Dictionary<string, string>(_annotations)
                {
                    // Knative gives a revision up after 10 minutes otherwise.
                    ["serving.knative.dev/progress-deadline"] =
                        string.Create(CultureInfo.InvariantCulture, $"{(int)_options.ProgressDeadline.TotalSeconds}s"),
                },
            },
            Spec = new InferenceServiceSpec
            {
                Predictor = new InferenceServicePredictor
                {
                    CanaryTrafficPercent = canaryTrafficPercent,
                    MinReplicas = _options.Replicas,
                    ImagePullSecrets = pod.ImagePullSecrets,
                    Containers = pod.Containers,
                    Volumes = pod.Volumes,
                },
            },
        };
    }

    /// <summary>An InferenceService as it was before this version.</summary>
    public InferenceService Restore(InferenceService before) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = Endpoint,
            NamespaceProperty = _options.Namespace,
            Labels = before.Metadata.Labels,
            Annotations = new Dictionary<string, string>(before.Metadata.Annotations)
            {
                [KubernetesNames.Workspace] = _annotations[KubernetesNames.Workspace],
            },
        },
        Spec = before.Spec,
    };

    private V1Deployment Deployment() => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = Metadata(Name),
        Spec = new V1DeploymentSpec
        {
            Replicas = _options.Replicas,
            RevisionHistoryLimit = 1,
            ProgressDeadlineSeconds = (int)_options.ProgressDeadline.TotalSeconds,
            Selector = new V1LabelSelector { MatchLabels = Selector() },
            Strategy = new V1DeploymentStrategy
            {
                Type = "RollingUpdate",
                RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 },
            },
            Template = Template(),
        },
    };

    private V1PodTemplateSpec Template()
    {
        var template = new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta
            {
                Labels = Labels(withRelease: true, withVersion: true),
                Annotations = new Dictionary<string, string>(_podAnnotations),
            },
            Spec = PodSpec(),
        };
        template.Spec.TopologySpreadConstraints = [Spread("kubernetes.io/hostname"), Spread("topology.kubernetes.io/zone")];
        if (_options.Customize is not { } customize) return template;
        try
        {
            customize(template);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new MlOpsException(
                $"KubernetesOptions.Customize failed with {e.GetType().Name}: {PrintableText.Shorten(e.Message)}", "Correct it.", e);
        }
        if (template.Metadata?.Labels?.TryGetValue(KubernetesNames.Release, out var release) == true && release == Name
            && template.Metadata.Annotations?.TryGetValue(KubernetesNames.ContentHash, out var hash) == true && hash == ContentHash
            && ServerImageOf(template) == Image)
        {
            return template;
        }
        throw new MlOpsException(
            "KubernetesOptions.Customize has taken away what a version is known by.",
            $"Leave the labels and annotations that are there, and the container '{Container}' with its image; add to them.");
    }

    // Wished, not required: one node may have room for all.
    private V1TopologySpreadConstraint Spread(string key) => new()
    {
        MaxSkew = 1,
        TopologyKey = key,
        WhenUnsatisfiable = "ScheduleAnyway",
        LabelSelector = new V1LabelSelector { MatchLabels = Selector() },
    };

    // No root, no rights, no writing but in /tmp, no account of the cluster.
    private V1PodSpec PodSpec() => new()
    {
        AutomountServiceAccountToken = false,
        TerminationGracePeriodSeconds = 60,
        ImagePullSecrets = _options.PullSecret is { } secret ? [new V1LocalObjectReference { Name = secret }] : null,
        SecurityContext = new V1PodSecurityContext
        {
            RunAsNonRoot = true,
            RunAsUser = User,
            RunAsGroup = User,
            SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
        },
        Containers =
        [
            new V1Container
            {
                Name = Container,
                Image = Image,
                Ports = [new V1ContainerPort { Name = PortName, ContainerPort = _options.Port }],
                Env = [new V1EnvVar { Name = "ASPNETCORE_HTTP_PORTS", Value = _options.Port.ToString(CultureInfo.InvariantCulture) },
                    .. _options.Environment.Select(pair => new V1EnvVar { Name = pair.Key, Value = pair.Value })],
                EnvFrom = _options.EnvironmentSecret is { } name
                    ? [new V1EnvFromSource { SecretRef = new V1SecretEnvSource { Name = name } }]
                    : null,
                Resources = new V1ResourceRequirements { Requests = Resources(), Limits = Resources() },
                SecurityContext = new V1SecurityContext
                {
                    AllowPrivilegeEscalation = false,
                    ReadOnlyRootFilesystem = true,
                    RunAsNonRoot = true,
                    RunAsUser = User,
                    RunAsGroup = User,
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                    Capabilities = new V1Capabilities { Drop = ["ALL"] },
                },
                Lifecycle = new V1Lifecycle
                {
                    PreStop = new V1LifecycleHandler { Sleep = new V1SleepAction { Seconds = SecondsBeforeEnd } },
                },
                StartupProbe = Probe(
                    "/models/health/live",
                    ProbePeriod,
                    failures: (int)Math.Ceiling(_options.ProgressDeadline.TotalSeconds / ProbePeriod)),
                LivenessProbe = Probe("/models/health/live", period: 10, failures: 3),
                ReadinessProbe = Probe("/models/health/ready", period: 5, failures: 2),
                VolumeMounts = [new V1VolumeMount { Name = "tmp", MountPath = "/tmp" }],
            },
        ],
        Volumes =
        [
            new V1Volume
            {
                Name = "tmp", EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(_options.TemporarySpace) },
            },
        ],
    };

    private V1Service Service(string name) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Metadata(name),
        Spec = new V1ServiceSpec
        {
            Selector = Selector(),
            Ports = [new V1ServicePort { Name = PortName, Port = 80, TargetPort = PortName }],
        },
    };

    private V1PodDisruptionBudget Disruption() => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = Metadata(Name),
        Spec = new V1PodDisruptionBudgetSpec { MaxUnavailable = 1, Selector = new V1LabelSelector { MatchLabels = Selector() } },
    };

    private V1ObjectMeta Metadata(string name) => new()
    {
        Name = name,
        NamespaceProperty = _options.Namespace,
        Labels = Labels(withRelease: name == Name, withVersion: name == Name),
        Annotations = _annotations,
    };

    private Dictionary<string, string> Labels(bool withRelease, bool withVersion)
    {
        var labels = new Dictionary<string, string>
        {
            ["app.kubernetes.io/name"] = Endpoint,
            ["app.kubernetes.io/instance"] = withRelease ? Name : Endpoint,
            ["app.kubernetes.io/managed-by"] = KubernetesNames.FieldManager,
        };
        if (withVersion) labels["app.kubernetes.io/version"] = Version.ToString(CultureInfo.InvariantCulture);
        if (withRelease) labels[KubernetesNames.Release] = Name;
        return labels;
    }

    private Dictionary<string, string> Selector() => new() { [KubernetesNames.Release] = Name };

    private Dictionary<string, ResourceQuantity> Resources() =>
        new() { ["cpu"] = new ResourceQuantity(_options.Cpu), ["memory"] = new ResourceQuantity(_options.Memory) };

    private static V1Probe Probe(string path, int period, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = PortName },
        PeriodSeconds = period,
        TimeoutSeconds = 3,
        FailureThreshold = failures,
    };
}
