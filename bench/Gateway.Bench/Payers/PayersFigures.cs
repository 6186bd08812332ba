namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What a gateway with a number of payers takes.</summary>
/// <param name="Payers">How many payers its file has.</param>
/// <param name="Active">How many of them published.</param>
/// <param name="StartMilliseconds">From the start of the process to the first answer to a publish.</param>
/// <param name="RestBytes">Memory in RAM before the others published.</param>
/// <param name="ActiveBytes">Memory in RAM after they did.</param>
/// <param name="FirstPublishMilliseconds">The median of the first publish of a payer.</param>
/// <param name="UnusedRequestsPerMinute">Requests to the chains in a minute before the others published.</param>
/// <param name="RequestsPerMinute">The same after they did, in a minute in which nobody publishes.</param>
/// <param name="CpuMillisecondsPerSecond">Processor time in that minute, in milliseconds a second.</param>
internal sealed record PayersFigures(
    int Payers,
    int Active,
    double StartMilliseconds,
    long RestBytes,
    long ActiveBytes,
    double FirstPublishMilliseconds,
    double UnusedRequestsPerMinute,
    double RequestsPerMinute,
    double CpuMillisecondsPerSecond)
{
    private const double Megabyte = 1e6;

    /// <summary>Prints both gateways, and what many payers take more than one, with the aims.</summary>
    public static void Print(PayersFigures one, PayersFigures many, double choosingMicroseconds, TextWriter output)
    {
        output.WriteLine(
            "| payers | of these active | first answer ms | RAM MB | RAM MB, active | first publish of a payer, ms " +
            "| requests to the chains a minute, before they publish | after that | CPU ms/s, after that |");
        output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var row in new[] { one, many })
        {
            output.WriteLine(
                $"| {row.Payers:N0} | {row.Active:N0} | {row.StartMilliseconds:N0} | {row.RestBytes / Megabyte:F0} " +
                $"| {row.ActiveBytes / Megabyte:F0} | {row.FirstPublishMilliseconds:F1} | {row.UnusedRequestsPerMinute:F0} " +
                $"| {row.RequestsPerMinute:F0} | {row.CpuMillisecondsPerSecond:F1} |");
        }

        output.WriteLine();
        output.WriteLine($"start with {many.Payers:N0} payers: {many.StartMilliseconds / 1000:F1} s (aim: less than 5 s)");
        output.WriteLine(
            $"memory more than with one payer, {many.Active:N0} of them active: {(many.ActiveBytes - one.ActiveBytes) / Megabyte:F0} MB " +
            $"(aim: at most 60 MB); {(many.RestBytes - one.RestBytes) / Megabyte:F0} MB before they were");
        output.WriteLine($"choosing the payer of a call: {choosingMicroseconds:F2} µs (aim: at most 3 µs)");
        output.WriteLine(
            $"requests before they publish: {many.UnusedRequestsPerMinute:F0} a minute; one payer alone " +
            $"{one.UnusedRequestsPerMinute:F0} (aim: none for a payer that nobody uses)");
        output.WriteLine(
            $"requests for each payer that was used, while it rests: {many.RequestsPerMinute / many.Active:F1} a minute; one payer alone " +
            $"{one.RequestsPerMinute:F1}");
    }
}
