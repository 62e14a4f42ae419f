using System.Globalization;

namespace AwsExample;

/// <summary>What the program is told.</summary>
internal sealed record Settings(
    string Workspace, string Model, string Bucket, string Role, string Image, string InstanceType, int InstanceCount, bool Applies)
{
    /// <summary>The environment variable with the private key (PEM) that signs releases.</summary>
    public const string SigningKey = "MLOPS_SIGNING_KEY";

    public const string Usage =
        "AwsExample <workspace> <model> --bucket <name> --role <arn> --image <address> [--instance ml.m5.large] [--count 1] [--apply]\n" +
        "Says what a deployment to Amazon SageMaker would create; with --apply, it is created. MLOPS_SIGNING_KEY has the key of releases.";

    private static readonly string[] Names = ["--bucket", "--role", "--image", "--instance", "--count"];

    /// <summary>Reads the arguments; <see langword="null"/> where they are not understood.</summary>
    public static Settings? Read(string[] args, Func<string, string?> environment)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal) { ["--instance"] = "ml.m5.large", ["--count"] = "1" };
        var plain = new List<string>();
        var applies = false;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--apply") applies = true;
            else if (!args[i].StartsWith("--", StringComparison.Ordinal)) plain.Add(args[i]);
            else if (Names.Contains(args[i]) && i + 1 < args.Length) named[args[i]] = args[++i];
            else return null;
        }

        return plain is [var workspace, var model]
            && named.TryGetValue("--bucket", out var bucket)
            && named.TryGetValue("--role", out var role)
            && named.TryGetValue("--image", out var image)
            && int.TryParse(named["--count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && environment(SigningKey) is { Length: > 0 }
                ? new Settings(workspace, model, bucket, role, image, named["--instance"], count, applies)
                : null;
    }
}
