namespace MlOps.Sdk.MLNet;

/// <summary>Rows in an order by chance.</summary>
internal static class RowOrder
{
    /// <summary>The numbers from 0 on in an order that depends on nothing but their count and the state of the generator.</summary>
    public static int[] Shuffled(int count, Random random)
    {
        // Written out, as the framework does not promise that its own shuffle stays the same from version to version.
        var order = new int[count];
        for (var i = 0; i < order.Length; i++)
        {
            var j = random.Next(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }
}
