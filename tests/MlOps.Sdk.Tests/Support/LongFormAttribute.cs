using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace MlOps.Sdk.Tests;

/// <summary>Marks tests that take long: they run where <see cref="LongForm"/> is on, and are skipped with a reason elsewhere.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LongFormAttribute : NUnitAttribute, IApplyToTest
{
    public void ApplyToTest(Test test)
    {
        if (LongForm.IsOn || test.RunState == RunState.NotRunnable) return;
        test.RunState = RunState.Skipped;
        test.Properties.Set(PropertyNames.SkipReason, "It takes long: set MLOPS_LONG=1 to run it.");
    }
}
