using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>The trainers of the package, small enough to train often, and so large that their training never ends by itself.</summary>
internal static class Catalog
{
    private static readonly Dictionary<string, (Func<ITrainer> Small, Func<ITrainer> Endless)> s_trainers = new()
    {
        ["fast-tree"] = (
            () => MicrosoftML.FastTree(o => (o.Trees, o.Leaves) = (10, 8)),
            () => MicrosoftML.FastTree(o => (o.Trees, o.Leaves) = (10_000, 4096))),
        ["fast-forest"] = (
            () => MicrosoftML.FastForest(o => (o.Trees, o.Leaves) = (10, 8)),
            () => MicrosoftML.FastForest(o => (o.Trees, o.Leaves) = (10_000, 4096))),
        ["gam"] = (
            () => MicrosoftML.Gam(o => (o.Iterations, o.LearningRate) = (60, 0.1)),
            () => MicrosoftML.Gam(o => o.Iterations = 300_000)),
        ["sdca"] = (
            () => MicrosoftML.Sdca(o => o.Iterations = 20),
            () => MicrosoftML.Sdca(o => (o.Iterations, o.Tolerance) = (1_000_000, 1e-6))),
        ["lbfgs-logistic-regression"] = (
            () => MicrosoftML.LbfgsLogisticRegression(o => (o.L1, o.L2) = (0.1, 0.1)),
            () => MicrosoftML.LbfgsLogisticRegression(o => o.Tolerance = 1e-9)),
        ["lbfgs-poisson-regression"] = (
            () => MicrosoftML.LbfgsPoissonRegression(o => (o.L1, o.L2) = (0.1, 0.1)),
            () => MicrosoftML.LbfgsPoissonRegression(o => o.Tolerance = 1e-9)),
        ["averaged-perceptron"] = (
            () => MicrosoftML.AveragedPerceptron(o => o.Iterations = 5),
            () => MicrosoftML.AveragedPerceptron(o => o.Iterations = 100_000)),
        ["linear-svm"] = (
            () => MicrosoftML.LinearSvm(o => o.Iterations = 5),
            () => MicrosoftML.LinearSvm(o => o.Iterations = 100_000)),
    };

    public static IEnumerable<string> Names => s_trainers.Keys;

    public static IEnumerable<string> Weighted => Names.Where(name => Small(name).Capabilities.Weights);

    public static IEnumerable<object[]> NamesAndTasks =>
        from name in Names from task in Small(name).Capabilities.Tasks select new object[] { name, task };

    public static ITrainer Small(string name) => s_trainers[name].Small();

    public static ITrainer Endless(string name) => s_trainers[name].Endless();
}
