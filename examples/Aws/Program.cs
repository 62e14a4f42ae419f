using AwsExample;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

var settings = Settings.Read(args, Environment.GetEnvironmentVariable);
if (settings is null)
{
    Console.Error.WriteLine(Settings.Usage);
    return 2;
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
