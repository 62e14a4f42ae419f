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
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Reads a variable of the environment.</param>
    /// <param name="problem">What is not understood, or is missing; empty where nothing is.</param>
    public static Settings? Read(string[] args, Func<string, string?> environment, out string problem)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal) { ["--instance"] = "ml.m5.large", ["--count"] = "1" };
        var plain = new List<string>();
        var applies = false;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--apply") applies = true;
            else if (!args[i].StartsWith("--", StringComparison.Ordinal)) plain.Add(args[i]);
            else if (!Names.Contains(args[i])) return Not($"'{args[i]}' is no option.", out problem);
            else if (i + 1 == args.Length) return Not($"'{args[i]}' has no value.", out problem);
            else named[args[i]] = args[++i];
        }

        if (plain is not [var workspace, var model])
        {
            return Not($"Two arguments are expected, the workspace and the model, and there are {plain.Count}.", out problem);
        }
        if (Names.FirstOrDefault(name => !named.ContainsKey(name)) is { } missing) return Not($"'{missing}' is missing.", out problem);
        if (!int.TryParse(named["--count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return Not($"'{named["--count"]}' after --count should be a number of machines, 1 or more.", out problem);
        }
        if (environment(SigningKey) is not { Length: > 0 })
        {
            return Not($"The environment variable {SigningKey} is not set. It has the private key (PEM) that signs releases.", out problem);
        }
        problem = "";
        return new Settings(
            workspace, model, named["--bucket"], named["--role"], named["--image"], named["--instance"], count, applies);
    }

    private static Settings? Not(string what, out string problem)
    {
        problem = what;
        return null;
    }
}
