using System.Globalization;
using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>The trailer that says what a publish cost, by the fees of the answers and gas by estimate, in whole picodollars.</summary>
internal static class CostTrailer
{
    internal const string Name = "xmtp-cost-picodollars";

    /// <summary>Connect's unary calls carry trailers as headers with this beginning.</summary>
    internal const string ConnectName = "trailer-" + Name;

    internal static string Value(Picodollars cost) => cost.Value.ToString(CultureInfo.InvariantCulture);
}
