using System.Text.RegularExpressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// How models are served by Amazon SageMaker, in a container of yours. Credentials are no options: they are those of the container of
/// services, or of AWS's default chain.
/// </summary>
public sealed partial class SageMakerOptions
{
    private const string AddressMistake = "is no address of HTTPS, or of HTTP on this machine, without path, query and user";

    private static readonly TimeSpan LongestDeployment = TimeSpan.FromHours(8);

    /// <summary>
    /// The bucket and the keys of the archives with the models, and how they are encrypted. The role of the endpoint reads them.
    /// <see cref="S3StoreOptions.Bucket"/> is required; the default of <see cref="S3ArtifactOptions.Prefix"/> is <c>sagemaker</c>.
    /// </summary>
    public S3ArtifactOptions Upload { get; } = new() { Prefix = "sagemaker" };

    /// <summary>The ARN of the role that SageMaker takes to read the archive and the image, and to write logs. Required.</summary>
    public string RoleArn { get; set; } = "";

    /// <summary>
    /// The image of the model server in Amazon ECR, with its tag or digest:
    /// <c>111122223333.dkr.ecr.eu-central-1.amazonaws.com/models:1.0</c>. Required.
    /// </summary>
    public string Image { get; set; } = "";

    /// <summary>The type of the machines, which decides the price. Default: <c>ml.m5.large</c>.</summary>
    public string InstanceType { get; set; } = "ml.m5.large";

    /// <summary>How many machines serve the version: 1 to 1,000. Default: 1.</summary>
    public int InstanceCount { get; set; } = 1;

    /// <summary>
    /// What the names of endpoints begin with, up to 20 letters, digits and hyphens: an endpoint has the name of the lifecycle after it.
    /// Default: none.
    /// </summary>
    public string NamePrefix { get; set; } = "";

    /// <summary>Environment variables of the container. They can be read by whoever may describe the model: no secrets.</summary>
    public IDictionary<string, string> Environment { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tags of all that is created, such as a cost center. Keys that begin with <c>mlops:</c> are the library's.</summary>
    public IDictionary<string, string> Tags { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the container can make no calls over the network. Default: <see langword="true"/>.</summary>
    public bool NetworkIsolation { get; set; } = true;

    /// <summary>
    /// How many percent of the machines are replaced at a time, 5 to 50: a rolling update, for at least two machines.
    /// <see langword="null"/> for a new fleet beside the old one. Default: <see langword="null"/>.
    /// </summary>
    public int? RollingBatchPercent { get; set; }

    /// <summary>
    /// For how long SageMaker watches <see cref="RollbackAlarms"/> before it goes on, up to 1 hour. Default: none.
    /// </summary>
    public TimeSpan Bake { get; set; }

    /// <summary>The names of up to 10 CloudWatch alarms; while an update runs, one of them brings the old version back.</summary>
    public IList<string> RollbackAlarms { get; } = [];

    /// <summary>What becomes of the version before. Default: <see cref="SageMakerPrevious.Removed"/>.</summary>
    public SageMakerPrevious Previous { get; set; }

    /// <summary>
    /// The share of the calls that the version before answers, or gets copies of: more than 0, and up to 0.5 for
    /// <see cref="SageMakerPrevious.Holdback"/> or 1 for <see cref="SageMakerPrevious.Shadow"/>. Default: 0.1.
    /// </summary>
    public double PreviousShare { get; set; } = 0.1;

    /// <summary>The pause between two looks at the endpoint while it changes: 1 second to 10 minutes. Default: 15 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a deployment is waited for, 10 minutes to 8 hours. One that takes longer is not stopped: it is waited for again when the
    /// targets are reconciled. A rolling update has the same limit at SageMaker. Default: 30 minutes.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The region, such as <c>eu-central-1</c>; <see langword="null"/> for that of the default chain.</summary>
    public string? Region { get; set; }

    /// <summary>
    /// The address of SageMaker's API, such as that of a VPC endpoint; <see langword="null"/> for the public one of the region.
    /// HTTPS, or HTTP on this machine.
    /// </summary>
    public Uri? ApiAddress { get; set; }

    /// <summary>
    /// The address of SageMaker's runtime, which is called to verify a deployment; <see langword="null"/> for the public one of the region.
    /// HTTPS, or HTTP on this machine.
    /// </summary>
    public Uri? RuntimeAddress { get; set; }

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal SageMakerOptions Checked()
    {
        Require(
            RoleArn is not null && RoleForm().IsMatch(RoleArn),
            nameof(RoleArn),
            $"is {Shown(RoleArn)}, and no ARN of a role: arn:aws:iam::111122223333:role/…");
        Require(
            Image is { Length: > 0 and <= 255 } && !Image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)),
            nameof(Image),
            $"is {Shown(Image)}, and no address of an image such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/models:1.0");
        Require(InstanceType is not null && InstanceForm().IsMatch(InstanceType), nameof(InstanceType), "is no type such as ml.m5.large");
        Require(InstanceCount is >= 1 and <= 1_000, nameof(InstanceCount), "is not between 1 and 1,000");
        Require(
            NamePrefix is { Length: <= 20 } && NamePrefix.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && !NamePrefix.StartsWith('-'),
            nameof(NamePrefix),
            "is not up to 20 letters, digits and hyphens");
        Require(
            Environment.Count <= 90
                && Environment.All(pair => VariableForm().IsMatch(pair.Key) && pair.Value is { Length: <= 1024 }),
            nameof(Environment),
            "has a name or value that a container does not take");
        Require(
            Tags.Count <= 40
                && Tags.All(pair => IsTag(pair.Key, 128, mayBeEmpty: false) && IsTag(pair.Value, 256, mayBeEmpty: true))
                && !Tags.Keys.Any(
                    key => key.StartsWith("mlops:", StringComparison.Ordinal) || key.StartsWith("aws:", StringComparison.Ordinal)),
            nameof(Tags),
            "has a key or a value that AWS does not take, or a key of the library or AWS");
        Require(
            RollingBatchPercent is null || (RollingBatchPercent is >= 5 and <= 50 && InstanceCount >= 2),
            nameof(RollingBatchPercent),
            "is not between 5 and 50, or there are not two machines at least");
        Require(
            Bake >= TimeSpan.Zero && Bake <= TimeSpan.FromHours(1) && Bake.Ticks % TimeSpan.TicksPerSecond == 0,
            nameof(Bake),
            "is not whole seconds, up to 1 hour");
        Require(
            RollbackAlarms.Count <= 10 && RollbackAlarms.All(name => name is { Length: > 0 and <= 255 }),
            nameof(RollbackAlarms),
            "has more than 10 names, or one that is empty or longer than 255 characters");
        Require(Enum.IsDefined(Previous), nameof(Previous), "is not defined");
        Require(
            PreviousShare > 0 && PreviousShare <= (Previous == SageMakerPrevious.Shadow ? 1 : 0.5),
            nameof(PreviousShare),
            "is not more than 0 and at most 0.5, or 1 for a shadow");
        Require(
            PollInterval >= TimeSpan.FromSeconds(1) && PollInterval <= TimeSpan.FromMinutes(10),
            nameof(PollInterval),
            "is not between 1 second and 10 minutes");
        Require(
            Patience >= TimeSpan.FromMinutes(10) && Patience <= LongestDeployment,
            nameof(Patience),
            "is not between 10 minutes and 8 hours");
        Require(Region is null || RegionForm().IsMatch(Region), nameof(Region), "is no region such as eu-central-1");
        Require(IsAddress(ApiAddress), nameof(ApiAddress), AddressMistake);
        Require(IsAddress(RuntimeAddress), nameof(RuntimeAddress), AddressMistake);
        return Copy(CheckedUpload());
    }

    // By the name under which it was set.
    private S3ArtifactOptions CheckedUpload()
    {
        try
        {
            return Upload.Checked();
        }
        catch (ArgumentException e)
        {
            var said = e.Message.Split(" (Parameter '", 2)[0];
            var own = $"{nameof(S3ArtifactOptions)}.";
            throw new ArgumentException(
                said.StartsWith(own, StringComparison.Ordinal)
                    ? $"SageMakerOptions.{nameof(Upload)}.{said[own.Length..]}"
                    : $"SageMakerOptions.{nameof(Upload)}.{e.ParamName}: {said}",
                nameof(Upload),
                e);
        }
    }

    private SageMakerOptions Copy(S3ArtifactOptions upload)
    {
        var copy = new SageMakerOptions
        {
            RoleArn = RoleArn, Image = Image, InstanceType = InstanceType, InstanceCount = InstanceCount, NamePrefix = NamePrefix,
            NetworkIsolation = NetworkIsolation, RollingBatchPercent = RollingBatchPercent, Bake = Bake, Previous = Previous,
            PreviousShare = PreviousShare, PollInterval = PollInterval, Patience = Patience, Region = Region, ApiAddress = ApiAddress,
            RuntimeAddress = RuntimeAddress,
        };
        upload.CopyTo(copy.Upload);
        foreach (var (name, value) in Environment) copy.Environment.Add(name, value);
        foreach (var (name, value) in Tags) copy.Tags.Add(name, value);
        foreach (var name in RollbackAlarms) copy.RollbackAlarms.Add(name);
        return copy;
    }

    private static string Shown(string? value) => string.IsNullOrEmpty(value) ? "empty" : $"'{PrintableText.Shorten(value)}'";

    private static void Require(bool holds, string option, string what)
    {
        if (!holds) throw new ArgumentException($"SageMakerOptions.{option} {what}.", option);
    }

    // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
    private static bool IsTag(string? text, int longest, bool mayBeEmpty) =>
        text is not null && text.Length <= longest && (mayBeEmpty || text.Length > 0) && TagForm().IsMatch(text);

    private static bool IsAddress(Uri? address) => address is null
        || (address.IsAbsoluteUri
            && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))
            && address is { AbsolutePath: "/", Query: "", UserInfo: "", Fragment: "" });

    [GeneratedRegex(@"\Aarn:aws[a-z\-]*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+\z")]
    private static partial Regex RoleForm();

    [GeneratedRegex(@"\Aml\.[a-z0-9\-]+\.[a-z0-9]+\z")]
    private static partial Regex InstanceForm();

    [GeneratedRegex(@"\A[a-zA-Z_][a-zA-Z0-9_]{0,1023}\z")]
    private static partial Regex VariableForm();

    [GeneratedRegex(@"\A[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z")]
    private static partial Regex TagForm();

    [GeneratedRegex(@"\A[a-z]{2,}(-[a-z]+)+-\d{1,2}\z")]
    private static partial Regex RegionForm();
}
