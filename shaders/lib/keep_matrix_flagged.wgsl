// Browsers before the layout had a name.
fn keep(at: u32, sum: Sum) {
  subgroupMatrixStore(&result, at, sum, false, COLUMNS);
}
