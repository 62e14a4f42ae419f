using Amazon.Runtime;
using AwsExample;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

var settings = Settings.Read(args, Environment.GetEnvironmentVariable, out var problem);
if (settings is null)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}

// Opening a folder makes a workspace of it, which nobody wants of one that is misspelt.
if (!File.Exists(Path.Combine(settings.Workspace, "mlops.db")))
{
    Console.Error.WriteLine($"'{Path.GetFullPath(settings.Workspace)}' is no workspace: it has no file mlops.db. Train the model first.");
    return 1;
}

try
{
    await using var workspace = await Workspace.OpenAsync(settings.Workspace, options =>
    {
        options.Signer = PackageSigner.FromEnvironment(Settings.SigningKey);
    });
    var options = new SageMakerOptions
    {
        RoleArn = settings.Role,
        Image = settings.Image,
        InstanceType = settings.InstanceType,
        InstanceCount = settings.InstanceCount,
    };
    options.Upload.Bucket = settings.Bucket;
    using var target = new SageMakerTarget(options, workspace);
    var desired = await SageMakerDeployment.FindAsync(workspace, settings.Model);
    await SageMakerDeployment.RunAsync(target, desired, settings.Bucket, settings.Applies, Console.Out);
    return 0;
}
catch (MlOpsException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"A setting is not possible: {e.Message}");
    return 1;
}
catch (Exception e) when (e is AmazonServiceException || e is AmazonClientException || e is HttpRequestException)
{
    Console.Error.WriteLine($"AWS did not do it: {e.Message}");
    Console.Error.WriteLine("Check the credentials, the region, and that the bucket, the role and the image are there.");
    return 1;
}
