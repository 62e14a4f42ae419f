using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Parquet.Tests.Killed;

// A process that tests start, and kill while it stores something. It writes one line for each step that is done.
using var place = StorePlace.Of(args.AsSpan(1));
Func<long, Task> store = args[0] switch
{
    "artifacts" when place.Artifacts() is var artifacts => step => artifacts.PutAsync(KilledWork.ArtifactOf(step)),
    "lake" when KilledWork.Lake(place.Objects()) is var lake =>
        async step => await (await KilledWork.TableOfAsync(step)).WriteToAsync(lake, KilledWork.Table),
    _ => async step => await (await KilledWork.TableOfAsync(step)).WriteToAsync(KilledWork.Folder(place.Address)),
};
for (var step = long.Parse(args[4], CultureInfo.InvariantCulture); ; step++)
{
    await store(step);
    Console.WriteLine(step.ToString(CultureInfo.InvariantCulture));
}
