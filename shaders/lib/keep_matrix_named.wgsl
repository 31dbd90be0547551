fn keep(at: u32, sum: Sum) {
  subgroupMatrixStore<row_major>(&result, at, sum, COLUMNS);
}
