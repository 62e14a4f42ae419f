using System.Reflection;
using System.Text.Json;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class HandleTests
{
    private static readonly (Type Handles, Func<ITrainer> Create)[] s_all =
    [
        (typeof(FastTree), () => MicrosoftML.FastTree()),
        (typeof(FastForest), () => MicrosoftML.FastForest()),
        (typeof(Gam), () => MicrosoftML.Gam()),
        (typeof(Sdca), () => MicrosoftML.Sdca()),
        (typeof(LbfgsLogisticRegression), () => MicrosoftML.LbfgsLogisticRegression()),
        (typeof(LbfgsPoissonRegression), () => MicrosoftML.LbfgsPoissonRegression()),
        (typeof(AveragedPerceptron), () => MicrosoftML.AveragedPerceptron()),
        (typeof(LinearSvm), () => MicrosoftML.LinearSvm()),
    ];

    [Test]
    public void Handles_OfEachTrainer_AreItsHyperparameters()
    {
        foreach (var (handles, create) in s_all)
        {
            var named = handles.GetProperties(BindingFlags.Static | BindingFlags.Public)
                .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), property => property.GetValue(null));

            Assert.That(
                create().Hyperparameters.ToDictionary(parameter => parameter.Name, parameter => (object?)parameter),
                Is.EquivalentTo(named),
                handles.Name);
        }
    }

    [Test]
    public void Options_OutOfTheirRange_AreAllNamed() => Assert.That(
        () => MicrosoftML.FastTree(o => (o.Trees, o.Leaves) = (0, 1)),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("Trees is 0").And.Message.Contains("Leaves is 1"));
}
