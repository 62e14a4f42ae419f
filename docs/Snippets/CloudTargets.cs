using Microsoft.AspNetCore.Builder;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;

namespace Acme;

/// <summary>Versions that are served by clouds.</summary>
internal static class CloudTargets
{
    public static LifecycleBuilder ToSageMaker(LifecycleBuilder lifecycle) =>
        // begin-snippet: sagemaker
        lifecycle.DeployModel(deployment => deployment
            .ToSageMaker(options =>
            {
                options.Upload.Bucket = "contoso-models";
                options.RoleArn = "arn:aws:iam::111122223333:role/models";
                options.Image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/models:1.0";
                (options.InstanceCount, options.RollingBatchPercent, options.Bake) = (4, 25, TimeSpan.FromMinutes(5));
                options.RollbackAlarms.Add("churn-errors");
            }));
        // end-snippet

    public static void ServeContainer(WebApplication app)
    {
        // begin-snippet: sagemaker-container
        app.MapSageMaker("customer-churn"); // GET /ping, POST /invocations
        // end-snippet
    }

    public static LifecycleBuilder ToKubernetes(LifecycleBuilder lifecycle) =>
        // begin-snippet: kubernetes
        lifecycle.DeployModel(deployment => deployment
            .ToKubernetes(options =>
            {
                options.Image = "registry.contoso.com/customer-churn:{version}";
                options.Namespace = "models";
                options.EnvironmentSecret = "customer-churn-keys"; // Keys__shop, Keys__verification
                options.ApiKey = Environment.GetEnvironmentVariable("CHURN_KEY"); // the value of Keys__verification
                options.Environment.Add("Serving__BatchRows", "1000");
                options.Gateway = "public"; // an HTTPRoute divides the calls
                options.CanaryPercents.Add(10);
                options.CanaryPercents.Add(50);
            }));
        // end-snippet

    public static LifecycleBuilder ToNodesOfAPool(LifecycleBuilder lifecycle) =>
        lifecycle.DeployModel(deployment => deployment
            .ToKubernetes(options =>
            {
                options.Image = "registry.contoso.com/customer-churn:{version}";
                // begin-snippet: kubernetes-customize
                options.Customize = pod =>
                {
                    pod.Metadata.Labels["team"] = "pricing";
                    pod.Spec.NodeSelector = new Dictionary<string, string> { ["pool"] = "models" };
                    pod.Spec.ServiceAccountName = "customer-churn";
                };
                // end-snippet
            }));

    public static LifecycleBuilder ToKServe(LifecycleBuilder lifecycle) =>
        // begin-snippet: kubernetes-kserve
        lifecycle.DeployModel(deployment => deployment
            .ToKubernetes(options =>
            {
                options.Image = "registry.contoso.com/customer-churn:{version}";
                options.Namespace = "models";
                options.KServe = true;
                options.CanaryPercents.Add(10);
                options.CanaryPercents.Add(50);
            }));
        // end-snippet

    public static LifecycleBuilder ToManifests(LifecycleBuilder lifecycle) =>
        // begin-snippet: kubernetes-manifests
        lifecycle.DeployModel(deployment => deployment
            .ToKubernetesManifests("deploy/models", options =>
            {
                options.Workload.Image = "registry.contoso.com/customer-churn:{version}";
                options.KServe = true;
                options.CanaryTrafficPercent = 10;
            }));
        // end-snippet
}
