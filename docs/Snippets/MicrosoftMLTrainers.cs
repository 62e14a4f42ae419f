using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlOps.Sdk;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>Trainers of Microsoft.ML beside the built-in ones.</summary>
internal static class MicrosoftMLTrainers
{
    public static void Try(TrainingBuilder training)
    {
        // begin-snippet: microsoft-ml-trainers
        training
            .Try(Trainers.GradientBoosting())
            .Try(MicrosoftML.FastTree(), search => search
                .LogUniform(FastTree.LearningRate, 0.02, 0.3)
                .Integer(FastTree.Leaves, 8, 64))
            .Try(MicrosoftML.LightGbm(o => o.UnbalancedSets = true), search => search
                .Choice(LightGbm.Booster, "gbdt", "dart"))
            .Try(MicrosoftML.LinearSvm()) // its margins become probabilities, out of fold
            .StopEarly();
        // end-snippet
    }

    public static void TryAny(TrainingBuilder training)
    {
        // begin-snippet: microsoft-ml-estimator
        training.Try(
            MicrosoftML.Trainer(
                "factorization-machine",
                version: "1", // raise it when what the function calls in other assemblies changes
                (ml, settings) => ml.BinaryClassification.Trainers.FieldAwareFactorizationMachine(
                    settings.Options<FieldAwareFactorizationMachineTrainer.Options>(o => o.LearningRate = (float)(double)settings["rate"])),
                new NumberHyperparameter("rate", 0.1, minimum: 0.01, maximum: 0.5)),
            search => search.LogUniform("rate", 0.02, 0.2));
        // end-snippet
    }
}
