using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Adds LightGBM to <see cref="MicrosoftML"/>.</summary>
public static class LightGbmExtensions
{
    extension(MicrosoftML)
    {
        /// <summary>
        /// Gradient boosted trees of LightGBM (name <c>lightgbm</c>), for every task. Missing features are understood: each split learns
        /// the side they go to. Stops early where <see cref="TrainingBuilder.StopEarly"/> gives it rows to see when. Trains on linux-x64,
        /// osx-x64 and win-x64; what it trained is served everywhere.
        /// </summary>
        /// <param name="configure">Sets the options; they are the hyperparameters, see <see cref="Sdk.LightGbm"/>.</param>
        /// <exception cref="MlOpsException">An option is out of its range.</exception>
        public static ITrainer LightGbm(Action<LightGbmOptions>? configure = null) =>
            new LightGbmTrainer(MicrosoftML.Configured(configure));
    }
}
